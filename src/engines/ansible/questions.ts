import { createServer, type Server, type Socket } from "node:net";

export type Question =
  | { readonly ask: "password"; readonly prompt: string }
  | { readonly ask: "hostkey"; readonly name: string; readonly type: string; readonly key: string }
  | { readonly ask: "content" }
  /** Output of so many bytes was written to a file: the answer comes when whoever wrote it may go on. */
  | { readonly ask: "room"; readonly bytes: number };

/** `text` is printed by the helper; `path` and `problem` are for the action plugin. No answer at all means no. */
export interface Answer {
  readonly text?: string;
  readonly path?: string;
  readonly problem?: string;
}

const longestQuestion = 64 * 1024;

/** What runs under Ansible asks the engine by a socket in the job's folder: a JSON line each way. */
export async function serveQuestions(path: string, answer: (question: Question) => Promise<Answer>): Promise<Server> {
  const server = createServer((socket) => converse(socket, answer));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ path, backlog: 1024 }, resolve);
  });
  return server;
}

function converse(socket: Socket, answer: (question: Question) => Promise<Answer>): void {
  let text = "";
  socket.on("error", () => socket.destroy());
  socket.setEncoding("utf8");
  socket.on("data", (data: string) => {
    text += data;
    if (text.length > longestQuestion) socket.destroy();
    const end = text.indexOf("\n");
    if (end === -1) return;
    const line = text.slice(0, end);
    text = "";
    void reply(line, answer).then((replied) => socket.end(`${JSON.stringify(replied)}\n`));
  });
}

async function reply(line: string, answer: (question: Question) => Promise<Answer>): Promise<Answer> {
  try {
    return await answer(JSON.parse(line) as Question);
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
