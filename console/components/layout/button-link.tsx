import { Button, type ButtonProps } from "@mantine/core";
import { createLink, type LinkComponent } from "@tanstack/react-router";
import type { AnchorHTMLAttributes, Ref } from "react";

interface AnchorButtonProps
  extends Omit<ButtonProps, "style">,
    Omit<AnchorHTMLAttributes<HTMLAnchorElement>, "color" | "style"> {
  readonly ref?: Ref<HTMLAnchorElement>;
}

function AnchorButton(props: AnchorButtonProps) {
  return <Button component="a" variant="default" {...props} />;
}

const RoutedButton = createLink(AnchorButton);

/** A link within the console that looks like a button. */
export const ButtonLink: LinkComponent<typeof AnchorButton> = (props) => <RoutedButton {...props} />;
