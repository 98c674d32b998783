/** What one start of Ansible is to do. */
export interface Work {
  /** `program`: our own task plugin answers; `module`: one module of Ansible; `playbook`: plays with many steps. */
  readonly kind: "program" | "module" | "playbook";
  /** Arguments of ansible-playbook besides inventory, forks and become. */
  readonly argv: readonly string[];
  readonly cwd: string;
  /** What Ansible reads from its environment while it loads. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Name of our task's file in the job's folder, where it is not `task.json`. */
  readonly task?: string;
  /** Secrets that Ansible reads from descriptors, 4 and up. */
  readonly inputs?: readonly string[];
  /** Once Ansible has ended. */
  close?(): void;
}
