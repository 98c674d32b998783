import { type RefObject, useEffect, useRef } from "react";

/**
 * For a form that may be longer than what is in view: when the server refuses it, the first field that is wrong gets the
 * focus; where no field is to blame, the alert comes into view.
 */
export function useShownFault(error: unknown): RefObject<HTMLFormElement | null> {
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (!error) return;
    const field = form.current?.querySelector<HTMLElement>('[aria-invalid="true"]');
    if (field) field.focus();
    else form.current?.querySelector('[role="alert"]')?.scrollIntoView({ block: "nearest" });
  }, [error]);
  return form;
}
