/** Lines at the end of a terminal that are drawn anew in place. */
export interface Redrawn {
  draw(lines: readonly string[]): void;
  /** Takes the lines away; what is written next begins in their place. */
  clear(): void;
}

/** Draws the whole at once and only when it is different, so that nothing flickers. No line may be wider than the terminal. */
export function redrawn(write: (text: string) => void): Redrawn {
  let height = 0;
  let drawn = "";
  function rewound(): string {
    return height === 0 ? "" : `\u001b[${height}F\u001b[J`;
  }
  return {
    draw(lines) {
      const text = lines.join("\n");
      if (height > 0 && text === drawn) return;
      write(`${rewound()}${text}\n`);
      height = lines.length;
      drawn = text;
    },
    clear() {
      if (height > 0) write(rewound());
      height = 0;
    },
  };
}
