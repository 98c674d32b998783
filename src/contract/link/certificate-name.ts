import { controllerNamePattern } from "../controller.ts";

/**
 * Who a certificate is for stands in its one subject alternative name, a URI. Certificates for controllers are good for
 * clients only, those for web servers for servers only (extended key usage), so that neither can pass for the other.
 */
const webServer = "urn:omserver:web";
const controllerPrefix = "urn:omserver:controller:";

export type CertificateName = { readonly role: "web" } | { readonly role: "controller"; readonly name: string };

export function certificateUri(name: CertificateName): string {
  return name.role === "web" ? webServer : `${controllerPrefix}${name.name}`;
}

/** From Node's `subjectAltName` text. Undefined for anything but exactly one name of ours. */
export function certificateName(subjectAltName: string | undefined): CertificateName | undefined {
  if (subjectAltName === undefined || !subjectAltName.startsWith("URI:")) return undefined;
  const uri = subjectAltName.slice("URI:".length);
  if (uri === webServer) return { role: "web" };
  const name = uri.slice(controllerPrefix.length);
  if (!uri.startsWith(controllerPrefix) || !controllerNamePattern.test(name)) return undefined;
  return { role: "controller", name };
}
