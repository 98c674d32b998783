import { useRouter } from "@tanstack/react-router";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { OmError } from "../../src/contract/errors.ts";
import { serverAnswers } from "../api/server-answers.ts";
import { Empty } from "../components/feedback/empty.tsx";
import { Loading } from "../components/feedback/loading.tsx";
import { ProblemAlert } from "../components/feedback/problem-alert.tsx";
import { ButtonLink } from "../components/layout/button-link.tsx";

const lookMilliseconds = 2_000;

interface LostPlaceProps {
  readonly error?: unknown;
}

/** There is nothing at this address, the page broke or did not come: what can be said, and the way back. */
export function LostPlace({ error }: LostPlaceProps) {
  const { t } = useTranslation();
  const router = useRouter();
  const unanswered = error instanceof OmError && error.code === "request.unanswered";
  // A page whose script did not come is only to be had anew.
  useEffect(() => {
    if (!unanswered) return undefined;
    const looking = setInterval(() => {
      void serverAnswers().then((answers) => answers && globalThis.location.reload());
    }, lookMilliseconds);
    return () => clearInterval(looking);
  }, [unanswered]);
  return (
    <Empty title={t(error === undefined ? "nav.nothingHere" : unanswered ? "feedback.pageAway" : "feedback.pageBroke")}>
      {error === undefined ? null : (
        <ProblemAlert error={error} onRetry={unanswered ? undefined : () => void router.invalidate()} />
      )}
      <ButtonLink to="/">{t("nav.toOperate")}</ButtonLink>
    </Empty>
  );
}

export function PendingPlace() {
  return <Loading rows={8} />;
}
