// The switch for pushes, and the way to the phone.

import { t } from "./i18n.js";
import { $, write } from "./view.js";

export function paintPush(push, name) {
  const known = push.state === "on" || push.state === "off";
  $("push-wanted").checked = push.wanted;
  write($("push-state"), known ? t(`push.${push.state}`) : t("push.none", { why: push.state }));
  $("phone-hint").hidden = !push.page;
  write($("phone-hint-text"), t("phoneHint", { name }));
  for (const link of document.querySelectorAll(".phone-link")) {
    link.hidden = !push.page;
    if (push.page && link.href !== push.page) link.href = push.page;
  }
}
