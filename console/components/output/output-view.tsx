import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import styles from "./output.module.css";
import { OutputLine } from "./output-line.tsx";
import { outputLines } from "./output-lines.ts";

interface OutputViewProps {
  /** Decoded, otherwise as the host sent it. */
  readonly text: string;
  readonly label: string;
  readonly wrap: boolean;
  /** Keeps the end in view while the text grows, unless the reader scrolled up. */
  readonly follow?: boolean;
  readonly maxHeight?: number;
}

/** Fewer lines than this are simply there; more are made as they come into view. */
const virtualFrom = 200;
const lineHeight = 18;

/** What a host printed: text and 16 colours, never markup. */
export function OutputView({ text, label, wrap, follow = false, maxHeight = 420 }: OutputViewProps) {
  const { t } = useTranslation();
  const lines = useMemo(() => outputLines(text), [text]);
  const scroller = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const virtual = lines.count > virtualFrom;
  const virtualizer = useVirtualizer({
    count: virtual ? lines.count : 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => lineHeight,
    overscan: 30,
    enabled: virtual,
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: a longer text is what moves the end
  useEffect(() => {
    const element = scroller.current;
    if (follow && atEnd.current && element !== null) element.scrollTop = element.scrollHeight;
  }, [follow, lines]);

  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: both roles take a name
    <div
      ref={scroller}
      className={styles.scroller}
      data-wrap={wrap}
      style={{ maxHeight }}
      role={follow ? "log" : "group"}
      aria-label={label}
      tabIndex={0}
      onScroll={(event) => {
        const element = event.currentTarget;
        atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < 40;
      }}
    >
      {lines.count === 0 ? <span className={styles.nothing}>{t("output.nothing")}</span> : null}
      {virtual ? (
        <div
          className={styles.virtual}
          style={{ height: virtualizer.getTotalSize(), ...(wrap ? {} : { minWidth: `${lines.columns + 2}ch` }) }}
        >
          {virtualizer.getVirtualItems().map((item) => (
            <div
              key={item.key}
              data-index={item.index}
              ref={wrap ? virtualizer.measureElement : undefined}
              className={styles.virtualLine}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <OutputLine text={lines.line(item.index)} />
            </div>
          ))}
        </div>
      ) : (
        <div className={styles.plain}>
          {Array.from({ length: lines.count }, (_, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line is its number
            <div key={index} className={styles.line}>
              <OutputLine text={lines.line(index)} />
            </div>
          ))}
        </div>
      )}
    </div>
  );
}
