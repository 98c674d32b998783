import { connectGrpc } from "../../test/testkit/grpc-link.ts";
import { linkConformance } from "../../test/testkit/link-conformance.ts";
import { connectInProcess } from "./in-process/in-process.ts";

linkConformance({
  name: "memory",
  async open(options) {
    return { ...connectInProcess(options), dispose: async () => undefined };
  },
  slackBytes: 0,
});

linkConformance({
  name: "gRPC",
  async open({ windowBytes, impatient }) {
    const alive = impatient ? { pingMilliseconds: 200, answerMilliseconds: 500 } : {};
    const { web, controller, proxy, dispose } = await connectGrpc({ windowBytes, ...alive });
    const network = {
      cut: proxy.cut,
      swallow() {
        proxy.swallow("toServer", true);
        proxy.swallow("toClient", true);
      },
    };
    return { web, controller, network, dispose };
  },
  // The stream's window at the receiver, and what the proxy and its two connections hold.
  slackBytes: 2 * 1024 * 1024,
});
