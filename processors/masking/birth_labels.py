"""Words beside dates of birth: languages of PP-OCRv6's small recogniser, and a few more."""

# ruff: noqa: RUF001
import re

from processors.masking.labels import labels

LABELS = labels(
    "born, born on, birth, birth ?date, birth ?dt, date of ?birth, date ofbirth, dt of birth",
    "birth ?days?, b day, d ?o ?b, born in [a-z]{2,20}(?: on)?",
    # German, Dutch
    "geboren(?:e|er|en)?, geboren am, geb, geb am, geburt, geburts ?datum, geburts ?dat",
    "geburtsdaten, geburts ?tag, geb ?datum, geb ?dat, geb ?tag",
    "geburtsort (?:und|u|/|,)? ?-? ?datum, geboortedatum, geboorte ?dat, geboorte, geboortedag",
    "geboren op, geboren te [a-z]{2,20} op, geboorteplaats en -? ?datum, verjaardag",
    # French
    "née?, née?s?, née? le, née? en, né(?:\\(e\\)|e|-e|\\.e|·e)?(?: le)?, date de naissance",
    "date naissance, date de naiss, date naiss, naissance, naiss, d ?d ?n, anniversaire",
    # Spanish, Portuguese, Catalan, Basque
    "nacimiento, fecha de nacimiento, fecha nacimiento, f nacimiento, f de nacimiento, f ?nac",
    "fec ?nac, fec nacimiento, fecha ?nac, fecha de nac, f ?nacim, nacid[oa](?: el)?, cumpleaños",
    "nacid[oa]/[oa](?: el)?, nacid[oa] en [a-z]{2,20} el, nascimento, data de nascimento",
    "data nascimento, data (?:de )?nasc, dt ?(?:de )?nasc[a-z]*, d nasc, nasc",
    "nascid[oa](?: em)?, dn, aniversário, data (?:de )?naixement, nascut el, nascuda el",
    "jaiotza ?data",
    # Italian, Romanian, Albanian
    "nat[oa], nat[oa]/[oa], nat[oa] il, nat[oa] a [a-z]{2,20} il, data di nascita, data nascita",
    "d nascita, nascita, compleanno, data nașterii, data nast, dată naștere, născut, născută",
    "născut la, datelindja, data e lindjes",
    # Polish, Czech, Slovak, Hungarian
    "data urodzenia, data ur, data urodz, dat ur, urodzenia, ur, urodz, urodzon[yai], urodziny",
    "datum narození, datum nar, dat nar, narozen, narozen[aáyýo], nar, narození, narozeniny",
    "dátum narodenia, dátum nar, narodenia, narodený, narodená, narodeniny, születési idő",
    "születési dátum, születési hely [,/]? ?(?:és)? ?idő, szül, szül idő, szül dátum",
    "szül hely [,/]? ?(?:és)? ?idő, született, születésnap",
    # Nordic
    "födelsedatum, födelsetid, födelsedag, född, född den, född, f datum, fødselsdato",
    "fødselsdag, fødselsår og dato, fødselstid, født, født den, fødd, foedt, f ?dato, f dag",
    "fodselsdat, syntymäaika, syntymäpäivä, syntynyt, synt, synt aika, s ?aika, fæðingardagur",
    "faedingardagur",
    # Turkish, Baltic, South Slavic
    "doğum tarihi, doğum tar, doğum günü, doğum, d ?tarihi, d ?tar, d[.] ?t, doğum yeri ve tarihi",
    "sünniaeg, sünnikuupäev, sündinud, gimimo data, gimęs, gimusi, dzimšanas datums, dzimis",
    "dzimusi, datum rođenja, rođen[ao]?, dat rođ, dan rođenja, datum rojstva, rojen[ao]?",
    "rojstni datum, датум рођења, рођен[ао]?, дата на раждане, роден[ао]?, датум на раѓање",
    # Russian, Ukrainian, Greek
    "дата рождения, дата рожд, рождения, рожд, день рождения, родился, родилась, д[.] ?р",
    "дата народження, народження, народився, народилася, дата нар, день народження",
    "ημερομηνία γέννησ[ηςσ]{1,2}, ημ(?:/νια|νια)? γέννησ[ηςσ]{1,2}, γέννησ[ηςσ]{1,2}, γενν",
    "γεννήθηκε",
    "γεννηθε[ιίςσ]{1,3}",
    # Asia
    "生年月日, 誕生日, 出生日期, 出生年月日?, 出生, 生日, 生まれ, 生年, 民國出生, 생년월일, 생일",
    "출생일?, ngày sinh, sinh ngày, tanggal lahir, tarikh lahir, tgl lahir, lahir",
)

BORN_AFTER = re.compile(
    r" ?生(?:まれ|れ|(?!\w))| ?出生| ?출생| ?생(?![가-힣])"
    r"| ?г\. ?р\.|,? (?:года|г\.) рожд| ?р\. ?н\.| року народж"
    r"|[ \n](?:as|is|als|comme|como|come)[ \n](?:[a-z]{2,5}[ \n])?(?:date[ \n]of[ \n]birth"
    r"|birth ?date|geburtsdatum|geboortedatum|date[ \n]de[ \n]naissance|fecha[ \n]de[ \n]nacimiento"
    r"|data[ \n]d[ie][ \n]nasci(?:ta|mento))\b"
    r"| dogumlu| geboren\b| szuletett|-(?:an|en|jan|jen) szul"
)
"""Says the same behind a date."""
