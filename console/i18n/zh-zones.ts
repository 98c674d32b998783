import type { ChineseTexts } from "./en.ts";

/** Chinese of controllers and zones; part of zh.ts. */
export const zhZones: Pick<ChineseTexts, "zones"> = {
  zones: {
    zone: "区域",
    hint: "由该区域的控制端执行。留空则随所属分类。",
    asAbove: "随所属分类",
  },
};
