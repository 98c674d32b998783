import { useTranslation } from "react-i18next";
import { type Telling, useTelling } from "../../i18n/telling.ts";

/**
 * How the product's own sentences are told in the language of the console. What is none of them – the words of hosts and
 * of other tools – stays as it came.
 */
export function useTell(): Telling {
  const { i18n } = useTranslation();
  return useTelling(i18n.language) ?? ((text) => text);
}
