import { useRouter } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Empty } from "../components/feedback/empty.tsx";
import { Loading } from "../components/feedback/loading.tsx";
import { ProblemAlert } from "../components/feedback/problem-alert.tsx";
import { ButtonLink } from "../components/layout/button-link.tsx";

interface LostPlaceProps {
  readonly error?: unknown;
}

/** There is nothing at this address, or the page broke: what can be said, and the way back. */
export function LostPlace({ error }: LostPlaceProps) {
  const { t } = useTranslation();
  const router = useRouter();
  return (
    <Empty title={t(error === undefined ? "nav.nothingHere" : "feedback.pageBroke")}>
      {error === undefined ? null : <ProblemAlert error={error} onRetry={() => void router.invalidate()} />}
      <ButtonLink to="/">{t("nav.toOperate")}</ButtonLink>
    </Empty>
  );
}

export function PendingPlace() {
  return <Loading rows={8} />;
}
