import type { saltReasons } from "../../../src/contract/reasons/salt.ts";

/** Chinese of the sentences of the same file of the contract. */
export const zhSaltReasons = {
  salt_no_key: "Salt master 没有已接受的 minion“{minion}”的密钥。请启动该 minion 并接受其密钥。",
  salt_key_gone: "Salt master 已不再持有已接受的 minion“{minion}”的密钥。",
  salt_no_ping:
    "minion“{minion}”在 {time} 内没有应答 master 的 ping。请查看那里的 salt-minion 是否运行、能否连到 master。",
  salt_not_connected:
    "minion“{minion}”没有与其 master 相连，且在 {time} 内没有应答 ping。请查看那里的 salt-minion 是否运行、能否连到 master。",
  salt_cancelled_before_task: "任务在 {host} 上开始前运行已被取消。",
  salt_timed_out_before_task: "任务在 {host} 上开始前运行已超过 {time}。",
  salt_never_reached: "任务没有到达 {host}，也不会再在那里开始。",
  salt_silent: "{host} 在任务发出前不久还在，此后没有任何应答：无法确认任务是否已执行或将会执行。请查看主机。",
  salt_silent_ended: "任务发出后 {host} 长时间没有应答；任务在那里的所有进程已被结束。",
  salt_lost: "任务在 {host} 上的结果未知：{detail}。请查看主机。",
  salt_perhaps_taken: "无法确认 Salt 是否接收了该作业：{detail}",
  salt_job_gone: "{host} 已不再运行该作业，也没有返回结果。请查看主机。",
  salt_cancel_ended: "运行已取消；Salt 已结束它在 {host} 上的作业。",
  salt_timeout_ended: "运行超过 {time}；Salt 已结束它在 {host} 上的作业。",
  salt_cancel_unproved: "运行已取消，但无法确认它在 {host} 上的作业已结束。",
  salt_timeout_unproved: "运行超过 {time}，但无法确认它在 {host} 上的作业已结束。",
  salt_states_failed: "{count} 个 state 中有 {failed} 个失败。",
  salt_said_failed: "Salt 报告执行没有成功。",
  salt_returned_false: "函数返回了“false”。",
  salt_no_function_name: "“{name}”不是 Salt 函数的名称（例如 service.restart）。",
  salt_no_argument_name: "“{name}”不是 Salt 函数参数的名称。",
  salt_cannot_become: "Salt 自己的函数以 minion 的账户运行，不能切换为“{user}”。",
  salt_no_dry_run: "Salt 无法对 {function} 试运行：只能对 state 和文件试运行。",
  salt_secret_argument: "机密参数会留在 master 的作业缓存中。请通过 engines.salt.secretsInJobs 允许，或改用脚本。",
  salt_secret:
    "机密会留在 master 的作业缓存中。请设置 engines.salt.fileRoot（docs/operators.md），或通过 secretsInJobs 允许。",
  salt_api_late: "{url} 的 salt-api 没有及时应答。请检查那里的 salt-api 是否运行，其端口是否对控制端开放。",
  salt_api_unreachable:
    "无法到达 {url} 的 salt-api（{detail}）。请检查那里的 salt-api 是否运行，其端口是否对控制端开放。",
  salt_api_without_master: "{url} 的 salt-api 有应答，但连不到其 Salt master。请检查那里的 salt-master 是否运行。",
  salt_api_sign_in:
    "{url} 的 salt-api 拒绝了“{user}”以 {eauth} 方式登录。请检查 engines.salt.user、eauth 和密码文件，以及 master 的 external_auth 是否有该账户。",
  salt_file_server:
    "{host} 无法从 master 的文件服务器取得任务所需内容。请检查 {folder} 是否在 master 的 file_roots（base）中，以及 master 能否读取控制端写在那里的内容。",
  salt_not_fetched: "{host} 没有及时取得任务所需内容。",
  salt_cancelled_before_file: "文件被替换前运行已被取消。",
  salt_no_playbook: "Salt 不能执行 playbook。",
  salt_not_compared: "{host} 没有及时告知目标位置的现有内容。",
  salt_strange_answer: "{host} 的应答不是本引擎程序的应答。请查看主机。",
  salt_twice: "{host} 收到两次相同的指令；第二次没有执行。",
  salt_not_run: "Salt 没有执行它：{detail}",
  salt_too_large:
    "文件大于 16 MiB，无法随 Salt 作业传送。请将 engines.salt.fileRoot 设为 master 文件服务器的一个目录。",
  salt_content_not_taken: "{host} 没有及时接收文件内容。",
  salt_content_damaged: "文件内容不完整或已损坏；没有发送任何内容。",
  salt_return_too_large:
    "函数返回的内容超过 Salt 允许的大小：请调大 minion 和 master 的 max_event_size，或改为执行命令。",
  salt_answers: "minion“{minion}”能应答其 master。",
  salt_closed: "Salt 引擎已关闭。",
  salt_api_untrusted:
    "{url} 的 salt-api 证书不受信任（{detail}）。请在 engines.salt.caFile 中指定签发它的 CA，并使用证书所对应的名称。",
  salt_api_strange: "在 {url} 应答的不是 salt-api：{detail}。请检查 engines.salt.url。",
  salt_denied:
    "Salt 不允许“{user}”使用 {call}。请在 master 的 external_auth（{eauth}）中授予 {right}，并在 netapi_enable_clients 中启用客户端 {needed}。",
  salt_functions_missing:
    "Salt 不允许“{user}”使用 {functions}。请在 master 的 external_auth（{eauth}）中授予；示例见 docs/operators.md。",
  salt_key_unknown: "Salt master 没有 minion“{minion}”的密钥。",
  salt_key_not_changed: "Salt master 没有对“{minion}”的密钥完成操作（{action}）：它现在的状态是 {state}。",
} satisfies Record<keyof typeof saltReasons, string>;
