import { randomBytes } from "node:crypto";
import { type Client, createClient } from "../src/contract/http/client.ts";
import { isFinalRunState } from "../src/contract/states.ts";

/**
 * Hosts that do not all answer the same, nor as they did before: what the run page is for. Each host of the demo has a
 * home of its own name.
 */
const script = `again=no
[ ! -e "$HOME/.seen" ] || again=yes
: > "$HOME/.seen"
fail() {
  printf '\\033[31mnginx.service: failed\\033[0m\\n' >&2
  exit 3
}
case $HOME in
  */web05|*/db02) fail ;;
  */web03) [ "$again" = yes ] || fail ;;
  */es01) [ "$again" = no ] || fail ;;
esac
printf '\\033[32m●\\033[0m nginx.service - A high performance web server\\n   Active: active (running)\\n'
case $HOME in
  */bbs0*|*/redis01) printf '   Warning: the unit file changed on disk\\n' ;;
esac
`;

/** Makes of the demo's fleet a product that has been in use for a while, so that no scene is empty. */
export async function furnish(url: string, token: string): Promise<void> {
  const client = createClient({ baseUrl: url, token });
  await client.call("POST /files", { query: { name: "nginx.conf" }, upload: "worker_processes 4;\n" });
  await client.call("POST /files", { query: { name: "motd" }, upload: "Authorised use only.\n" });
  const password = randomBytes(16).toString("hex");
  await client.call("POST /users", { body: { name: "lin.wei", role: "operator", password } });
  await client.call("POST /users", { body: { name: "viktor", role: "viewer" } });
  await client.call("PUT /views", { body: { scene: "runs", name: "nginx", search: { text: "nginx" } } });
  const { rows } = await client.call("GET /hosts", { query: { limit: 2 } });
  for (const host of rows) await typeCommands(url, client, host.id);
  for (let round = 0; round < 2; round++) {
    const { id } = await client.call("POST /runs", {
      body: { query: "all", script: { interpreter: ["/bin/sh"], text: script }, width: 6 },
    });
    await ended(client, id);
  }
  await askForApproval(url, client, "lin.wei", password);
}

/** A run that waits for a second person; from then on nothing needs one any more. */
async function askForApproval(url: string, client: Client, name: string, password: string): Promise<void> {
  const headers = { "content-type": "application/json", origin: url };
  const session = await fetch(`${url}/api/v1/session`, {
    method: "POST",
    headers,
    body: JSON.stringify({ name, password }),
  });
  const cookie = session.headers.getSetCookie().map((each) => each.split(";")[0] ?? "");
  const answer = await fetch(`${url}/api/v1/tokens`, {
    method: "POST",
    headers: { ...headers, cookie: cookie.join("; ") },
    body: JSON.stringify({ name: "pictures" }),
  });
  const { token } = (await answer.json()) as { token: string };
  await client.call("PATCH /settings", { body: { approvalFor: "change", approvalMinutes: 1440 } });
  await createClient({ baseUrl: url, token }).call("POST /runs", {
    body: { query: "Linux.Web", module: "restart-service", parameters: { service: "nginx" } },
  });
  await client.call("PATCH /settings", { body: { approvalFor: "nobody" } });
}

/** What a host's shells report by the host's own token. */
async function typeCommands(url: string, client: Client, hostId: number): Promise<void> {
  const { token } = await client.call("POST /hosts/:id/report-token", { params: { id: hostId } });
  const typed = ["systemctl status nginx", "tail -n 50 /var/log/nginx/error.log", "df -h", "vi /etc/nginx/nginx.conf"];
  const records = Array.from({ length: 40 }, (_, place) => {
    const at = Date.now() - place * 23 * 60_000;
    return `k${place} ${at} ${place % 3 === 0 ? "root" : "deploy"} ${typed[place % typed.length]}\0`;
  });
  const answer = await fetch(`${url}/api/v1/shell-commands`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/octet-stream" },
    body: records.join(""),
  });
  if (!answer.ok) throw new Error(`The shell commands were refused: ${await answer.text()}`);
}

async function ended(client: Client, id: number): Promise<void> {
  for (;;) {
    const { state } = await client.call("GET /runs/:id", { params: { id } });
    if (isFinalRunState(state)) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
