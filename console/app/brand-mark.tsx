import styles from "./brand-mark.module.css";

/** A small fleet: eight of nine hosts full, two waiting. */
export function BrandMark() {
  return (
    <svg className={styles.mark} viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="currentColor" />
      {[0, 1, 2, 3, 4, 5, 6, 7, 8].map((cell) => (
        <rect
          key={cell}
          x={7 + (cell % 3) * 6.5}
          y={7 + Math.floor(cell / 3) * 6.5}
          width="5"
          height="5"
          rx="1"
          fill="#fff"
          opacity={cell === 2 || cell === 4 ? 0.5 : 1}
        />
      ))}
    </svg>
  );
}
