// The page of the push simulators: pushes appear by themselves, and a click or a key wakes their devices.

import { need, nothingFromElsewhere, open, perform, shoot, step } from "./stage.mjs";

const contrast = (one, other) => {
  const luminance = (colour) => {
    const [red, green, blue] = colour.match(/\d+/g).map((each) => {
      const share = each / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
};

const readable = async (page, selector) => {
  const [ink, paper] = await page.$eval(selector, (element) => {
    const own = getComputedStyle(element);
    const clear = own.backgroundColor === "rgba(0, 0, 0, 0)";
    return [own.color, clear ? getComputedStyle(document.body).backgroundColor : own.backgroundColor];
  });
  const found = contrast(ink, paper);
  if (found < 4.5) throw new Error(`${selector}: a contrast of ${found.toFixed(1)}`);
};

await perform(async () => {
  const page = await open("an operator", "");
  await page.getByText("Listening").waitFor();
  await need("push");
  const row = page.getByRole("row").filter({ hasText: "apns" });
  await row.getByText("chat", { exact: true }).waitFor();
  await row.getByText("200", { exact: true }).waitFor();
  step("a push appears by itself, with what it says and what was answered");

  const button = page.getByRole("button", { name: /Wake the device of push \d+/ });
  await button.focus();
  await page.keyboard.press("Enter");
  await page.getByText(/The device of push \d+ is woken/).waitFor();
  if (!(await button.evaluate((element) => element === document.activeElement))) throw new Error("the focus is lost");
  step("a key wakes its device, and the focus stays");

  await row.locator("summary").click();
  const details = await row.locator("pre").textContent();
  if (!details.includes("apns-push-type: alert") || /bearer ey/.test(details)) throw new Error(details);
  step("details have all but the secret");

  await page.reload();
  await row.getByText("chat", { exact: true }).waitFor();
  step("what was there before is there again");

  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    for (const selector of ["h1", "#state", "th", "td", "button", ".good"]) await readable(page, selector);
  }
  step("light and dark are readable");
  await shoot({ page }, "push-simulators");
  await shoot({ page }, "push-simulators-dark", { dark: true });

  await page.setViewportSize({ width: 360, height: 700 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  if (wide > 360) throw new Error(`the page is ${wide} wide`);
  step("a phone has no need to scroll sideways");
  nothingFromElsewhere();
});
