"""Words beside national, tax and VAT numbers that do not say of which country they are."""

from processors.masking.labels import labels
from schemas.masking import PersonalKind

GENERIC = {
    PersonalKind.NATIONAL_ID: labels(
        "national id[a-z]*, national identi[a-z]* number, identity (?:card|number|no|code)",
        "personal (?:id|number|no|code|identi[a-z]*), citizen (?:id|number|no), social security",
        "social insurance, insurance n[or], insurance number, id number, id card, id no, id code",
        "id n[or], identification (?:number|no|code)",
        "national no, personalausweis, ausweis ?n[or], identifikation[a-z]*",
        "personen ?kenn[a-z]*, versicherten ?n[or], sozialversicherung[a-z]*",
        "versicherungs ?n[ur][a-z]*, versichertennummer, svnr, sécurité sociale, sécu",
        "n(?:o|uméro)? d assuré, matricule, identifiant national, registre national",
        "cédula, run",
        "documento(?: nacional)? de identi[a-z]*, cédula de identidad",
        "seguridad social, carta d identità, tessera sanitaria",
        "identiteitsnummer, rijksregister[a-z]*, persoonsnummer",
        "registo nacional",
        "dowód osobisty, nr ewidencyjny",
        "személyi szám",
        "személyi azonosító, taj szám, personbevis",
        "personkod, personlig kod, identitetsnummer, cpr, person ?id",
        "kimlik(?: no| numarasi)?, matični broj, matična številka, osobni broj",
        "αριθμ[οόςσ]{1,3} ταυτότητας, ταυτότητα, снилс, инсс, едн",
        "身份证(?:号码?)?, 公民身份号码, 身分證(?:字號)?, マイナンバー, 個人番号, 주민등록번호",
    ),
    PersonalKind.TAX_NUMBER: labels(
        "tax id[a-z]*, tax identification, tax (?:number|no|code|ref[a-z]*), tax payer [a-z]*",
        "tin, vat, vat ?(?:id|no|n[or]|number|reg[a-z]*), tax registration",
        "fiscal (?:code|number|no|id), steuer ?(?:id|nr|nummer|kennzeichen), steuerliche [a-z]*",
        "ust ?id ?n?r?, fiscal, numéro fiscal, numéro fiscale",
        "référence fiscale, n(?:o)? fiscal, numéro de tva",
        "numéro d identification fiscale, identificación fiscal, código fiscal, nro fiscal",
        "id fiscal, codice fiscale, contribuinte, contribuyente, número de contribuinte, nif",
        "cif, belastingnummer, fiscaal nummer, btw ?n[or], numer podatkowy, nr podatkowy",
        "daňové číslo, adószám, adóazonosító(?: jel)?, cod fiscal",
        "cod de identificare fiscală, skattenummer, skatte ?id, verokortti, verotunnus",
        "vergi (?:no|numarasi|kimlik)[a-z]*, porezni broj, poreski broj, davčna številka",
        "davčna št, pib, αφμ, инн, ипн, 税号, 纳税人识别号, 統一編號, 納税者番号",
        "사업자등록번호",
    ),
}
"""The check digits of what stands beside one must be right as well."""

VAT_LABELS = labels(
    "vat, vat ?(?:id|no|n[or]|number|reg[a-z]*), ust ?id, ust ?id ?nr, umsatzsteuer[a-z ]*, mwst",
    "mwst ?n[or], uid, uid ?nr, tva, n(?:o|umero)? (?:de )?tva, tva intracom[a-z]*",
    "intracommunautaire, cod tva, nif, nif iva, iva, partita iva, p ?iva, cif, btw, btw ?n[or]",
    "btw nummer, nip, nip ue, moms, moms ?n[or], moms[a-z]*, mva, vsk, alv",
    "alv ?(?:nro|tunnus|numero), y tunnus, cvr, se ?nr, dic, dph, ic dph, cui, pvm, pvn, kmkr",
    "ddv, id za ddv, pdv, oib, adoszam, közösségi adószám, vat id, αφμ, ддс",
)
"""A number with a country's letters beside one needs no right check digit."""
