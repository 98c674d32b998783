import { UnstyledButton } from "@mantine/core";
import { IconChevronRight } from "@tabler/icons-react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { ExecutionState } from "../../../src/contract/states.ts";
import { OutputLine } from "../../components/output/output-line.tsx";
import { makeVisible } from "../../components/output/visible-text.ts";
import { StateShape } from "../../components/state/state-mark.tsx";
import { useFormat } from "../../i18n/use-format.ts";
import styles from "./host-steps.module.css";
import type { Step } from "./use-steps.ts";

interface HostStepsProps {
  readonly steps: readonly Step[];
}

/** Whose shape and colour a step has. */
const looks: Readonly<Record<Step["status"], ExecutionState | "partial">> = {
  ok: "ok",
  changed: "partial",
  failed: "failed",
  skipped: "skipped",
  unreachable: "unreachable",
};

/** Ansible's tasks or Salt's states on one host, in order; what each said and changed unfolds. */
export function HostSteps({ steps }: HostStepsProps) {
  return (
    <ol className={styles.steps}>
      {steps.map((step) => (
        <StepRow key={step.seq} step={step} />
      ))}
    </ol>
  );
}

interface StepRowProps {
  readonly step: Step;
}

function StepRow({ step }: StepRowProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const more = step.message !== "" || step.diff !== "";
  const [open, setOpen] = useState(step.status === "failed" || step.status === "changed");
  const bodyId = useId();
  const head = (
    <>
      <StateShape state={looks[step.status]} />
      <span className={styles.status}>{t(`step.${step.status}`)}</span>
      <span className={styles.name}>
        {step.path.length === 0 ? null : <span className={styles.path}>{step.path.join(" › ")} › </span>}
        {step.name}
      </span>
      <code className={styles.action}>{step.action}</code>
      <span className={styles.took}>{step.milliseconds === undefined ? "" : format.took(step.milliseconds)}</span>
    </>
  );
  return (
    <li className={styles.step} data-state={looks[step.status]}>
      {more ? (
        <UnstyledButton
          className={styles.head}
          aria-expanded={open}
          aria-controls={bodyId}
          onClick={() => setOpen(!open)}
        >
          <IconChevronRight size={14} data-open={open} className={styles.chevron} />
          {head}
        </UnstyledButton>
      ) : (
        <div className={styles.head}>
          <span className={styles.chevron} />
          {head}
        </div>
      )}
      {more && open ? (
        <div id={bodyId}>
          {step.message === "" ? null : <p className={styles.message}>{step.message}</p>}
          {step.diff === "" ? null : <StepDiff diff={step.diff} label={t("step.diff", { name: step.name })} />}
        </div>
      ) : null}
    </li>
  );
}

interface StepDiffProps {
  readonly diff: string;
  readonly label: string;
}

/** As the engine wrote it: lines that begin with + and − in their colours. */
function StepDiff({ diff, label }: StepDiffProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled area must be reachable by keyboard
    // biome-ignore lint/a11y/useSemanticElements: a scrolled area, not a set of fields
    <div className={styles.diff} role="group" aria-label={label} tabIndex={0}>
      {makeVisible(diff)
        .split("\n")
        .map((line, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
          <div key={place} data-kind={kindOf(line)}>
            <OutputLine text={line} />
          </div>
        ))}
    </div>
  );
}

function kindOf(line: string): "added" | "removed" | undefined {
  if (/^\+(?!\+\+ )/.test(line)) return "added";
  return /^-(?!-- )/.test(line) ? "removed" : undefined;
}
