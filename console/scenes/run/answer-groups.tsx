import { UnstyledButton } from "@mantine/core";
import { startTransition, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import type { AnswerGroup } from "../../live/answers.ts";
import { AnswerCard } from "./answer-card.tsx";
import styles from "./run.module.css";

interface AnswerGroupsProps {
  readonly runId: number;
  readonly groups: readonly AnswerGroup[];
  /** What the others are held against. */
  readonly majority: AnswerGroup | undefined;
  readonly total: number;
  readonly onHost: (position: number) => void;
}

/** Two screens of them, to be there at once; the others follow when these can be read. */
const shownAtOnce = 12;
const shownFirst = 50;
const shownMore = 100;
/** So many of the groups stand open at first. */
const openFirst = 8;

/** Identical answers together. */
export function AnswerGroups({ runId, groups, majority, total, onHost }: AnswerGroupsProps) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(shownAtOnce);
  useEffect(() => startTransition(() => setShown(shownFirst)), []);
  return (
    <div className={styles.groups}>
      {groups.slice(0, shown).map((group, place) => (
        <AnswerCard
          key={group.key}
          runId={runId}
          group={group}
          against={group.key === majority?.key ? undefined : majority}
          isMajority={group.key === majority?.key && groups.length > 1}
          total={total}
          openFirst={place < openFirst}
          onHost={onHost}
        />
      ))}
      {groups.length > Math.max(shown, shownFirst) ? (
        <UnstyledButton className={styles.moreGroups} onClick={() => setShown(shown + shownMore)}>
          {t("run.moreGroups", { count: groups.length - shown })}
        </UnstyledButton>
      ) : null}
    </div>
  );
}
