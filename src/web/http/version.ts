import packageFile from "../../../package.json" with { type: "json" };

/** Version of this OMServer, as in package.json. */
export const version: string = packageFile.version;
