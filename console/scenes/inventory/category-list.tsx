import { ActionIcon, Button, Menu, UnstyledButton } from "@mantine/core";
import { IconDots, IconFolderPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { client } from "../../api/client.ts";
import type { AppCategory, FunctionCategory } from "../../api/types.ts";
import { useSession } from "../../api/use-session.ts";
import { Loading } from "../../components/feedback/loading.tsx";
import { ProblemAlert } from "../../components/feedback/problem-alert.tsx";
import { useFormat } from "../../i18n/use-format.ts";
import { appTerm, functionTerm } from "../operate/query-text.ts";
import { CategoryDialog, type CategoryTask } from "./category-dialog.tsx";
import styles from "./inventory.module.css";

interface CategoryListProps {
  readonly query: string;
  readonly onQuery: (query: string) => void;
}

/** The two levels of categories: a click shows their hosts, a menu changes them. */
export function CategoryList({ query, onQuery }: CategoryListProps) {
  const { t } = useTranslation();
  const { can } = useSession();
  const [task, setTask] = useState<CategoryTask | undefined>(undefined);
  const categories = useQuery({
    queryKey: ["categories"],
    queryFn: ({ signal }) => client.call("GET /categories", { signal }),
  });
  const tree = categories.data?.functionCategories ?? [];
  const total = tree.reduce((sum, category) => sum + category.hostCount, 0);
  const may = can("inventory.write");
  return (
    <nav className={styles.categories} aria-label={t("inventory.categories")}>
      {categories.error ? <ProblemAlert error={categories.error} /> : null}
      {categories.isLoading ? <Loading rows={8} /> : null}
      <ul className={styles.categoryList}>
        <li className={styles.categoryRow} data-chosen={query === "" || undefined}>
          <CategoryLink name={t("inventory.all")} count={total} onClick={() => onQuery("")} />
        </li>
        {tree.map((category) => (
          <li key={category.id}>
            <div
              className={styles.categoryRow}
              data-level="1"
              data-chosen={query === functionTerm(category.name) || undefined}
            >
              <CategoryLink
                name={category.name}
                count={category.hostCount}
                onClick={() => onQuery(functionTerm(category.name))}
              />
              {may ? <CategoryMenu category={category} onTask={setTask} /> : null}
            </div>
            <ul className={styles.categoryList}>
              {category.appCategories.map((app) => (
                <li
                  key={app.id}
                  className={styles.categoryRow}
                  data-level="2"
                  data-chosen={query === appTerm(category.name, app.name) || undefined}
                >
                  <CategoryLink
                    name={app.name}
                    count={app.hostCount}
                    onClick={() => onQuery(appTerm(category.name, app.name))}
                  />
                  {may ? <CategoryMenu category={category} app={app} onTask={setTask} /> : null}
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
      {may ? (
        <Button
          variant="subtle"
          color="gray"
          leftSection={<IconFolderPlus size={14} />}
          onClick={() => setTask({ kind: "addFunction" })}
        >
          {t("inventory.addFunction")}
        </Button>
      ) : null}
      {task === undefined ? null : <CategoryDialog task={task} tree={tree} onClose={() => setTask(undefined)} />}
    </nav>
  );
}

interface CategoryLinkProps {
  readonly name: string;
  readonly count: number;
  readonly onClick: () => void;
}

function CategoryLink({ name, count, onClick }: CategoryLinkProps) {
  const format = useFormat();
  return (
    <UnstyledButton className={styles.categoryLink} onClick={onClick}>
      <span title={name}>{name}</span>
      <span className={styles.categoryCount}>{format.number(count)}</span>
    </UnstyledButton>
  );
}

interface CategoryMenuProps {
  readonly category: FunctionCategory;
  readonly app?: AppCategory;
  readonly onTask: (task: CategoryTask) => void;
}

function CategoryMenu({ category, app, onTask }: CategoryMenuProps) {
  const { t } = useTranslation();
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <ActionIcon
          size="sm"
          className={styles.categoryMenu}
          aria-label={t("inventory.categoryActions", { name: app?.name ?? category.name })}
        >
          <IconDots size={14} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {app === undefined ? (
          <>
            <Menu.Item onClick={() => onTask({ kind: "addApp", category })}>{t("inventory.addApp")}</Menu.Item>
            <Menu.Item onClick={() => onTask({ kind: "changeFunction", category })}>{t("inventory.rename")}</Menu.Item>
            <Menu.Item color="red" onClick={() => onTask({ kind: "deleteFunction", category })}>
              {t("inventory.delete")}
            </Menu.Item>
          </>
        ) : (
          <>
            <Menu.Item onClick={() => onTask({ kind: "changeApp", category, app })}>
              {t("inventory.renameOrMove")}
            </Menu.Item>
            <Menu.Item color="red" onClick={() => onTask({ kind: "deleteApp", category, app })}>
              {t("inventory.delete")}
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
