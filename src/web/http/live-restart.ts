/**
 * Last word of a live stream when the web server is stopped: whoever reads it connects again soon and for a while often,
 * as another web server answers or this one is back in a moment. EventSource keeps to `retry` by itself.
 */
export const restartEvent = "retry: 500\nevent: restart\ndata: {}\n\n";
