import { type ExecutionState, executionStates } from "../../../src/contract/states.ts";
import { stateShapes } from "../state/state-shapes.ts";
import { type GridLayout, gridGap } from "./grid-layout.ts";

/** Colour of every state, as the theme has it now. */
export type StateColours = Readonly<Record<ExecutionState, string>>;

/** What is to be seen: `stateAt` says what stands in a cell, cells before `firstRow` have been scrolled by. */
export interface GridPicture {
  readonly layout: GridLayout;
  readonly count: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly colours: StateColours;
  readonly pixelRatio: number;
  stateAt(index: number): ExecutionState | undefined;
}

export interface GridPainter {
  /** Draws what changed since the last picture; all of it after another size, place or theme. */
  paint(picture: GridPicture): void;
}

/** Paints cells into a canvas that covers the visible part of the grid. Each shape is drawn once and copied from then on. */
export function createGridPainter(canvas: HTMLCanvasElement): GridPainter {
  const context = canvas.getContext("2d");
  let stamps: ReadonlyMap<ExecutionState, HTMLCanvasElement> = new Map();
  let stampsOf = "";
  let painted: (ExecutionState | undefined)[] = [];
  let paintedOf = "";

  function prepare({ layout, colours, pixelRatio }: GridPicture): void {
    const key = JSON.stringify([layout.pitch, pixelRatio, colours]);
    if (key === stampsOf) return;
    stampsOf = key;
    const size = layout.pitch - gridGap;
    stamps = new Map(executionStates.map((state) => [state, stamp(state, colours[state], size * pixelRatio)]));
  }

  return {
    paint(picture) {
      if (context === null) return;
      const { layout, count, top, width, height, pixelRatio } = picture;
      prepare(picture);
      const key = JSON.stringify([stampsOf, layout.columns, top, width, height]);
      if (key !== paintedOf) {
        paintedOf = key;
        painted = [];
        canvas.width = Math.round(width * pixelRatio);
        canvas.height = Math.round(height * pixelRatio);
      }
      const first = Math.max(0, Math.floor(top / layout.pitch)) * layout.columns;
      const last = Math.min(count, Math.ceil((top + height) / layout.pitch) * layout.columns);
      const cells = Math.max(painted.length, last - first);
      const pitch = layout.pitch * pixelRatio;
      for (let place = 0; place < cells; place++) {
        const state = first + place < last ? picture.stateAt(first + place) : undefined;
        if (state === painted[place]) continue;
        painted[place] = state;
        const x = (place % layout.columns) * pitch;
        const y = (Math.floor((first + place) / layout.columns) * layout.pitch - top) * pixelRatio;
        context.clearRect(x, y, pitch, pitch);
        const shape = state === undefined ? undefined : stamps.get(state);
        if (shape !== undefined) context.drawImage(shape, Math.round(x), Math.round(y));
      }
    },
  };
}

function stamp(state: ExecutionState, colour: string, size: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil(size);
  canvas.height = Math.ceil(size);
  const context = canvas.getContext("2d");
  if (context !== null) {
    context.scale(size / 10, size / 10);
    context.fillStyle = colour;
    context.fill(new Path2D(stateShapes[state]));
  }
  return canvas;
}
