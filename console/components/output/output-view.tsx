import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import styles from "./output.module.css";
import { OutputLine } from "./output-line.tsx";
import type { OutputLines } from "./output-lines.ts";

interface OutputViewProps {
  readonly lines: OutputLines;
  readonly label: string;
  readonly wrap: boolean;
  /** It may still grow: screen readers hear what comes. */
  readonly live?: boolean;
  /** Keeps the end in view. */
  readonly follow?: boolean;
  /** The reader scrolled: to the end or away from it. */
  readonly onFollow?: (follow: boolean) => void;
  /** Marked wherever it stands. */
  readonly find?: string | undefined;
  /** Line to bring into view. */
  readonly current?: number | undefined;
  readonly maxHeight?: number | undefined;
  /** Not all that was printed is here. */
  readonly missing?: boolean;
}

/** Fewer lines than this are simply there; more are made as they come into view. */
const virtualFrom = 200;
const lineHeight = 18;

/** What a host printed: text and 16 colours, never markup. */
export function OutputView(props: OutputViewProps) {
  const {
    lines,
    label,
    wrap,
    live = false,
    follow = false,
    onFollow,
    find,
    current,
    maxHeight,
    missing = false,
  } = props;
  const { t } = useTranslation();
  const scroller = useRef<HTMLDivElement>(null);
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
    if (follow && element !== null) element.scrollTop = element.scrollHeight;
  }, [follow, lines]);

  useEffect(() => {
    if (current === undefined) return;
    if (virtual) virtualizer.scrollToIndex(current, { align: "center" });
    else scroller.current?.querySelector("[data-current]")?.scrollIntoView({ block: "nearest" });
  }, [current, virtual, virtualizer]);

  return (
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: both roles take a name
    <div
      ref={scroller}
      className={styles.scroller}
      data-wrap={wrap}
      data-lines={lines.count}
      style={maxHeight === undefined ? undefined : { maxHeight }}
      role={live ? "log" : "group"}
      aria-label={label}
      tabIndex={0}
      onScroll={(event) => {
        const element = event.currentTarget;
        const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < 40;
        if (atEnd !== follow) onFollow?.(atEnd);
      }}
    >
      {lines.count === 0 ? (
        <span className={styles.nothing}>{t(missing ? "output.nothingArrived" : "output.nothing")}</span>
      ) : null}
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
              data-current={item.index === current || undefined}
              style={{ transform: `translateY(${item.start}px)` }}
            >
              <OutputLine text={lines.line(item.index)} find={find} />
            </div>
          ))}
        </div>
      ) : (
        <div className={styles.plain}>
          {Array.from({ length: lines.count }, (_, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line is its number
            <div key={index} className={styles.line} data-current={index === current || undefined}>
              <OutputLine text={lines.line(index)} find={find} />
            </div>
          ))}
        </div>
      )}
    </div>
  );
}
