import { Button, Modal, MultiSelect, PasswordInput, Select, Switch, TextInput } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";
import type { User } from "../../api/types.ts";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { usePlacedFaults } from "../../components/feedback/use-placed-faults.ts";
import { useShownFault } from "../../components/feedback/use-shown-fault.ts";
import form from "../../components/layout/form.module.css";

interface UserDialogProps {
  /** Undefined for a new one. */
  readonly user: User | undefined;
  readonly onClose: () => void;
  readonly onSaved: () => void;
}

const roles = ["administrator", "operator", "viewer"] as const;

export function UserDialog({ user, onClose, onSaved }: UserDialogProps) {
  const { t } = useTranslation();
  const [name, setName] = useState(user?.name ?? "");
  const [role, setRole] = useState<User["role"]>(user?.role ?? "operator");
  const [everything, setEverything] = useState(user?.scope.everything ?? true);
  const [places, setPlaces] = useState<string[]>([
    ...(user?.scope.functionCategories ?? []).map((id) => `f${id}`),
    ...(user?.scope.appCategories ?? []).map((id) => `a${id}`),
  ]);
  const [password, setPassword] = useState("");
  const categories = useQuery({
    queryKey: ["categories"],
    queryFn: ({ signal }) => client.call("GET /categories", { signal }),
  });
  const choices = (categories.data?.functionCategories ?? []).flatMap((category) => [
    { value: `f${category.id}`, label: category.name },
    ...category.appCategories.map((app) => ({ value: `a${app.id}`, label: `${category.name}/${app.name}` })),
  ]);
  const idsOf = (kind: string) => places.filter((place) => place[0] === kind).map((place) => Number(place.slice(1)));
  const save = useMutation({
    mutationFn: async () => {
      const body = {
        role,
        scope: everything
          ? { everything, functionCategories: [], appCategories: [] }
          : { everything, functionCategories: idsOf("f"), appCategories: idsOf("a") },
        ...(password === "" ? {} : { password }),
      };
      return user === undefined
        ? client.call("POST /users", { body: { ...body, name } })
        : client.call("PATCH /users/:id", { params: { id: user.id }, body });
    },
    onSuccess: () => {
      onSaved();
      onClose();
    },
  });
  const faults = usePlacedFaults(save.error);
  const shown = useShownFault(save.error);
  return (
    <Modal
      opened
      onClose={onClose}
      title={user === undefined ? t("users.add") : t("users.editNamed", { name: user.name })}
      closeButtonProps={{ "aria-label": t("confirm.close") }}
    >
      <form
        ref={shown}
        className={form.stack}
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        {save.error ? <ProblemAlert error={save.error} /> : null}
        {user === undefined ? (
          <TextInput
            data-autofocus
            label={t("signIn.name")}
            required
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={faults.name}
          />
        ) : null}
        <Select
          label={t("users.role")}
          description={t(`users.roleHint.${role}`)}
          data={roles.map((value) => ({ value, label: t(`role.${value}`) }))}
          value={role}
          onChange={(value) => setRole(roles.find((known) => known === value) ?? role)}
          allowDeselect={false}
          error={faults.role}
        />
        <Switch
          label={t("users.everything")}
          checked={everything}
          onChange={(event) => setEverything(event.currentTarget.checked)}
        />
        {everything ? null : (
          <MultiSelect
            label={t("users.scope")}
            data={choices}
            value={places}
            onChange={setPlaces}
            searchable
            maxDropdownHeight={260}
            error={faults.scope}
          />
        )}
        <PasswordInput
          label={t("signIn.newPassword")}
          description={t(user === undefined ? "users.passwordHint" : "users.passwordKept")}
          autoComplete="new-password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          error={faults.password}
        />
        <div className={form.foot}>
          <Button variant="default" onClick={onClose}>
            {t("confirm.back")}
          </Button>
          <Button type="submit" loading={save.isPending} disabled={user === undefined && name.trim() === ""}>
            {user === undefined ? t("users.add") : t("users.saveNamed", { name: user.name })}
          </Button>
        </div>
      </form>
    </Modal>
  );
}
