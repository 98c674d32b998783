/** English of controllers and zones; part of en.ts. */
export const enZones = {
  zones: {
    zone: "Zone",
    hint: "Its controllers drive the hosts. Left empty: that of the category.",
    asAbove: "as its category",
  },
};
