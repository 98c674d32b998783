/** What the web server says of controllers, orders and what it keeps. Read by reasons.ts. */
export const dispatchReasons = {
  controller_cut:
    "The link to the controller “{controller}” was cut before it answered. Whether it did it is not known; look before you try again.",
  controller_silent: "The controller “{controller}” did not answer within {seconds} s. Look at its log and load.",
  controller_away: "The controller “{controller}” is not connected. Start it, or look at its log, and try again.",
  controllers_away: "The controller {names} is not connected. Start it, or look at its log, and try again.",
  controllers_none: "There is no controller for it. Enrol one, or name other zones.",
  controller_elsewhere:
    "Host “{host}” is in the zone “{zone}”, which has no controller. Enrol one there, or give the host another zone.",
  credential_held_away:
    "The controller {names} holds the credential “{name}” and is not connected. Delete it when it is back, or revoke that controller.",
  controller_other_answer: "The controller answered something else than it was asked. Look at its version.",
  controller_no_test: "The controller answered something else than a connection test.",
  controller_revoked_before: "The controller “{controller}” was revoked before it was sent the order.",
  library_lacks: "The library has no file with the SHA-256 {sha256}. Upload it again.",
  library_unreadable: "The library file could not be read to its end.",
  order_unopened: "A kept order cannot be opened: the order-signing key is another one by now. Start the run anew.",
  controller_name_wanted:
    "“{name}” cannot be a controller's name: it takes lower-case letters, digits, dots and hyphens.",
  controller_name_form: "takes lower-case letters, digits, dots and hyphens, at most 63",
  controller_name_store:
    "A controller's name holds small letters, digits, “.” and “-”, at most 63, such as bj-1; “{name}” does not",
  rotation_open:
    "The last rotation is not through: orders of the key before are followed until {time}. Rotate again after that.",
  controller_was_revoked: "Controller “{name}” was revoked. Enrol it anew: omserver controller invite {name}",
  controller_has_run: "Controller “{name}” still has run {run}. Let it finish, or cancel it, first",
  zone_wanted: "A zone is one word of letters, digits, “.”, “_” and “-”, at most 63; “{zone}” is not. Please change it",
  zone_form: "A zone is one word of letters, digits, “.”, “_” and “-”, at most 63; “{zone}” is not",
  one_word: "must be one word",
  link_port_closed:
    "No controller can connect: the link's port is closed. Set linkListen (OMSERVER_LINK_LISTEN), e.g. 0.0.0.0:7443, and start OMServer again.",
  link_closed: "The link between web server and controller is closed. It opens again by itself; try again then.",
  controller_log_says: "The controller “{controller}” could not do it; its log says why.",
  controller_old: "The controller “{controller}” does not know this request; it may be older than the web server.",
  host_key_policies: "The host key policy is strict or accept_new.",
  engine_no_test: "The {engine} engine makes no connection that could be tested.",
  keys_unseen: "{message} Not yet known, to be trusted and recorded by the first run: {keys}.",
  controller_own:
    "“{name}” runs in the web server's own process and has no certificate to revoke. Drain it, or start “omserver web” instead of “omserver start”.",
  engine_absent: "This controller does not have that engine. See: omserver engines",
  engine_no_hosts: "The {engine} engine knows no hosts of its own that could be imported.",
  engine_no_keys: "The {engine} engine has no keys of hosts.",
  engine_too_many: "The {engine} engine knows {count} hosts; at most {most} can be imported at once.",
  key_actions: "A host's key can be accepted, rejected or deleted.",
  credential_name_form: "A credential's name has letters, digits and _ . @ - only, at most 127 of them.",
  credential_not_held:
    "The controller “{controller}” has no credential “{name}”. Enter it under Credentials, or choose another for the host.",
  credential_damaged: "The credential “{name}” did not arrive as it was sent. Enter it again.",
  credential_incomplete: "The credential “{name}” is not complete. Enter it again.",
  credential_incomplete_at: "The credential “{name}” is not complete ({place}). Enter it again.",
  sealed_unopened:
    "What the controller keeps under “{context}” does not open with its key {file}. Restore the key from a backup, or enter the secret again.",
  library_damaged: "The library file {sha256}… arrived with other content than its hash says. Upload it again.",
  library_hex: "A library file is named by its SHA-256 in hex.",
  library_unfetched: "The library file {sha256}… cannot be fetched: the web server is not connected.",
  library_cut: "The link to the web server was cut while a library file was on its way.",
  order_position_twice: "The order names a host's position twice.",
  order_no_width: "The order's width is 0.",
  order_parameters: "The order's module or parameters cannot be read: {detail}",
  order_untrusted: "The order is signed with the key “{key}”, which the controller “{controller}” does not trust.",
  order_forged: "The order's signature does not verify: its bytes were changed on the way, or another key made it.",
  order_other_version:
    "The order is signed but cannot be read; web server and controller may be of different versions.",
  order_elsewhere: "The order is for the controller “{other}”, not for “{controller}”.",
  order_no_run: "The order names no run or no plan.",
  order_other_module: "The order's module is not the one that its hash names.",
  order_expired: "The order had expired before it reached the controller.",
  order_future: "The order was issued in the future: set the clocks of web server and controller.",
  waiting_plan_differs:
    "What was frozen for run {run} is not what its record says: it is not started. Start the run anew, and look who can write to the database.",
  run_waits_for_nobody: "Run {run} does not wait for a second person.",
  run_approved_before: "Run {run} no longer waits: {user} approved it.",
  run_rejected_before: "Run {run} no longer waits: {user} rejected it.",
  run_cancelled_before: "Run {run} no longer waits: {user} cancelled it.",
  run_expired_before: "Run {run} no longer waits: nobody approved it in time. Start it anew.",
  event_gone: "The controller no longer has this event.",
  order_no_object: "the parameters are no object",
} as const satisfies Record<string, string>;
