"""Invented dates, births and others, as they are written in many countries.

Everything is drawn from a seed.
"""

import random
import re

MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre "
    "diciembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre "
    "dicembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października "
    "listopada grudnia",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro "
    "dezembro",
    "sv": "januari februari mars april maj juni juli augusti september oktober november december",
    "da": "januar februar marts april maj juni juli august september oktober november december",
    "fi": "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta "
    "syyskuuta lokakuuta marraskuuta joulukuuta",
    "cs": "ledna února března dubna května června července srpna září října listopadu prosince",
    "ro": "ianuarie februarie martie aprilie mai iunie iulie august septembrie octombrie noiembrie "
    "decembrie",
    "hu": "január február március április május június július augusztus szeptember október "
    "november december",
    "tr": "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık",
}
# How the styles are written that are not "day month year"; those without MONTHS take English ones.
WORDED_DATES = {
    **{"de": "{day}. {month} {year}", "es": "{day} de {month} de {year}"},
    **{"pt": "{day} de {month} de {year}", "us": "{month} {day}, {year}"},
    **{"short": "{day:02} {month:.3} {year}", "capitals": "{day:02} {upper:.3} {year}"},
    **{"da": "{day}. {month} {year}", "fi": "{day}. {month} {year}"},
    **{"cs": "{day}. {month} {year}", "hu": "{year}. {month} {day}."},
    **{"hyphens": "{day:02}-{month:.3}-{year}", "air": "{day:02}{upper:.3}{short:02}"},
    **{"visa": "{day:02}{upper:.3}{year}", "era": "{era}年{number}月{day}日"},
}
ERAS = (("令和", 2019), ("平成", 1989), ("昭和", 1926))


def birth_date(rng: random.Random, style: str) -> str:
    """A date of birth; for `style` see `date`."""
    return date(rng, style, (1935, 2006))


def child_birth_date(rng: random.Random, style: str) -> str:
    """The same of a pupil."""
    return date(rng, style, (2007, 2020))


def date(rng: random.Random, style: str, years: tuple[int, int]) -> str:
    """A date; the style is a key of MONTHS or WORDED_DATES, or a pattern.

    In a pattern `d`, `m`, `y` are padded, `j` and `n` the day and the month unpadded, `t` the last
    two digits of the year.
    """
    day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(*years)
    if style in MONTHS or style in WORDED_DATES:
        name = MONTHS.get(style, MONTHS["en"]).split()[month - 1]
        form = WORDED_DATES.get(style, "{day} {month} {year}")
        return form.format(
            **{"day": day, "month": name, "upper": name.upper(), "number": month},
            **{"year": year, "short": year % 100, "era": _era(year)},
        )
    parts = {"d": f"{day:02}", "m": f"{month:02}", "y": f"{year}"}
    parts |= {"j": f"{day}", "n": f"{month}", "t": f"{year % 100:02}"}
    return re.sub("[dmyjnt]", lambda found: parts[found.group()], style)


def _era(year: int) -> str:
    """A year as Japan's offices count it."""
    name, first = next((name, first) for name, first in ERAS if year >= first)
    return f"{name}{year - first + 1}"
