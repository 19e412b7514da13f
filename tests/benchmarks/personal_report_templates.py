"""Wordings and layouts of invented documents to report on: nothing may be tuned before a report.

Written without a look at how masking finds things, measured once unseen, see docs/personal-data.md,
and masking was mended by what that showed. Before the next report these belong to those for tuning,
and new ones here and in `personal_report_records`.
"""

from tests.benchmarks.personal_report_records import RECORDS
from tests.benchmarks.personal_templates import Row

LETTERS: dict[str, list[Row]] = {
    "hotel": [
        "HOTEL SEEBLICK * REGISTRATION CARD / MELDESCHEIN",
        ("Room", "2{quantity}", "Check-in", "{day j.n.y}"),
        ("Nights", "{quantity}", "Check-out", "{day j.n.y}"),
        ("Guest", "Garcia, Sofia"),
        ("D.O.B.", "{birth d/m/y}"),
        ("Contact tel.", "{wphone ES}"),
        ("e-mail:", "{wemail}"),
        ("Guarantee (credit card no.)", "{card}"),
        "Rate {total} EUR per night, city tax {percent}, folio {order}, WiFi voucher {commit}",
    ],
    "bank letter de": [
        "Kontoauszug {invoice} vom {day d.m.y}, Blatt 3",
        "Sehr geehrter Herr Meyer, ab dem {day de} buchen wir Ihre Lastschriften über unsere "
        "Gläubiger-ID {creditor} ab. Ihre Mandatsreferenz ist {order}, Ihre IBAN lautet {wiban}, "
        "BIC {bic}.",
        "Sie erreichen Ihre Beraterin Ingrid Jansen montags bis freitags {hours} Uhr, "
        "Durchwahl {wphone DE}, Fax {wphone DE}, oder schreiben Sie an {wemail}.",
        ("Alter Saldo", "{price}", "Sollzins", "{percent}"),
        ("Neuer Saldo", "{price}", "Valuta", "{day d.m.t}"),
    ],
    "arztbrief": [
        "Praxis für Orthopädie, BSNR 47 11 08 15",
        "Patient: Silva, Paulo, *{birth d.m.y}, Telefon privat {wphone DE}",
        "Diagnose M54.5 G, RR {pressure} mmHg, Ibuprofen 600 1-0-1, Charge {lot}",
        "Wir berichten über o. g. Patienten, der sich am {day d.m.y} und am {day d.m.t} bei uns "
        "vorstellte. MRT vom {day j.n.y} unauffällig. Kontrolle am {day de} um {time} Uhr.",
        "Bei Fragen: {wemail}",
    ],
    "clinic letter": [
        "RE: Ms Elena Nilsson, DOB: {birth d-m-y}, NHS No: {nhs ###-###-####}",
        "Dear Colleague, thank you for referring this lady, whom I saw on {day en}. Her blood "
        "pressure was {pressure}, weight 71.4 kg, and the scan of {day d/m/y} (accession {order}) "
        "showed no change since {day short}. Codes: ICD-10 E11.9, SNOMED {order}.",
        "Secretary: {wphone GB}. Secure mail: {wemail}",
    ],
    "claim en": [
        "MOTOR CLAIM REPORT   Policy {part}   Claim {order}",
        ("Date of accident", "{day d/m/y}", "Time", "{time}"),
        ("Insured's birth date", "{birth d/m/y}", "NI number", "{nino #########}"),
        ("Mobile tel", "{wphone GB}", "Work tel", "{wphone GB}"),
        "Place of loss {coordinates}; repair estimate {bigtotal}; VAT 20%; chassis WVWZZZ{article}",
        "Please pay the settlement into {wiban} and confirm by email to {wemail}.",
    ],
    "schaden de": [
        "Schadenmeldung zur Haftpflichtversicherung, Vertrag {customer}",
        ("Schadentag", "{day d.m.y}", "Uhrzeit", "{time}"),
        ("Geburtstag", "{birth j.n.y}", "Tel. tagsüber", "{wphone DE}"),
        ("Steuer-IdNr.", "{idnr ###########}", "Schadenhöhe", "{price}"),
        "Aktenzeichen {case}, Gutachten {invoice} vom {day de}, Kilometerstand 84.120",
        "Auszahlung bitte auf IBAN {wiban}",
    ],
    "sinistre fr": [
        "DÉCLARATION DE SINISTRE du {day fr}, contrat n° {order}",
        "L'assurée, Mme Dubois, née à Nantes le {birth d.m.y}, immatriculée à la Sécurité sociale "
        "sous le {nir ###############}, est joignable sur son mobile : {wphone FR}.",
        ("RIB de remboursement", "{wiban}"),
        ("Montant estimé", "{price} EUR", "Franchise", "{percent}"),
        ("SIRET garage", "{siret}", "TVA intracom.", "{frvat}"),
        "Mél : {wemail}",
    ],
    "facture fr": [
        ("FACTURE {invoice}", "Échéance : {day d/m/y}"),
        ("Réf.", "Désignation", "Qté", "P.U. HT"),
        ("{article}", "Vis M6 x 40", "{quantity}", "{total}"),
        ("{part}", "Perceuse 18 V", "{quantity}", "{total}"),
        ("Total TTC", "{price} €", "dont TVA", "{percent}"),
        "SIRET {siret} - N° TVA {frvat #############} - Service client {wphone FR}",
        "Règlement par virement : {wiban}",
    ],
    "factura es": [
        ("FACTURA {invoice}", "Fecha de emisión {day d-m-y}"),
        ("Cliente N.I.F.", "{dni ##.###.###-#}", "Albarán", "{order}"),
        ("Código", "Unidades", "Importe"),
        ("{ean}", "{quantity}", "{price} €"),
        ("{customs}", "{quantity}", "{total} €"),
        "Domiciliación bancaria: {wiban}. C.I.F. del emisor {cif}",
        "Atención al cliente {wphone ES} - {wemail}",
    ],
    "alta es": [
        "ALTA DE TRABAJADOR (RR.HH.)",
        ("N.I.E.", "{nie #########}", "F. nacimiento", "{birth d-m-y}"),
        ("Tfno. móvil", "{wphone ES}", "Fecha de alta", "{day d-m-y}"),
        "Nacida en Sevilla el {birth es}, D.N.I. {dni ########-#}, nómina en la cuenta {wiban}, "
        "salario bruto {price} euros, convenio {part}, jornada {hours}.",
    ],
    "scheda it": [
        "SCHEDA DIPENDENTE matr. {quantity}",
        ("Data nasc.", "{birth d/m/y}", "Assunto il", "{day d/m/y}"),
        ("Cod. Fisc.", "{cf ### ### ##### #####}", "Livello", "3.2.1"),
        ("Tel. cell.", "{wphone IT}", "Posta elettronica", "{wemail}"),
        "La dipendente, nata a Bari il {birth it}, chiede l'accredito su IBAN {wiban}.",
    ],
    "fattura it": [
        ("Fattura n. {invoice}", "del {day d/m/y}"),
        "Cedente: IT {piva}   SDI M5UXCR1   REA MI-{article}",
        ("Articolo {article}", "Q.tà {quantity}", "{price}"),
        ("DDT {order} del {day d/m/y}", "Colli {quantity}", "kg {total}"),
        "Scadenza {day it}, importo {price}, aliquota {percent}, bonifico su {wiban}",
        "Assistenza: {wphone IT}",
    ],
    "sollicitatie nl": [
        "CURRICULUM VITAE   Anna Jansen",
        ("Geb.datum:", "{birth nl}"),
        ("06-nummer:", "{wphone NL}"),
        ("E-mailadres:", "{wemail}"),
        "Werkervaring: van {day m-y} tot {day m-y} projectleider, budget {price} euro, team van "
        "{quantity}; diploma {order} behaald op {day nl}; rijbewijs B sinds {day d-m-y}.",
    ],
    "cv en": [
        "Thomas Smith - Site Reliability Engineer",
        "Born {birth us} | Cell: {wphone US} | {wemail}",
        "{day m/y} - {day m/y}  Ran Kubernetes {semver} and Postgres {semver} with 99.95% uptime",
        "ISBN {isbn}, patent US {article}, certificate {uuid} valid until {day us}",
        "GPA 3.87 of 4.00, IELTS 8.5, references on request",
    ],
    "zorg nl": [
        "Declaratie {order}, polisnummer {part}",
        ("BSN", "{bsn ####.##.###}", "Geb. dat.", "{birth j-n-y}"),
        ("Behandeldatum", "{day d-m-y}", "Bedrag", "€ {price}"),
        "Uitbetaling op rekeningnummer {wiban}; bel bij vragen {wphone NL} ({hours} uur).",
        "KvK {article}   Btw-nr. {btw ## ####.##.###.###}",
    ],
    "pismo pl": [
        "Wezwanie do zapłaty nr {invoice} z dnia {day pl} r.",
        "Prosimy o wpłatę kwoty {price} zł na rachunek {wiban} w terminie do {day d.m.y}. "
        "Dłużnik: Jan Kowalski, ur. {birth pl} r. w Łodzi, numer PESEL {pesel}.",
        "Sygn. akt {case}. NIP wierzyciela: {nip ##########}, VAT UE {plvat}",
        "Infolinia {wphone PL}, adres e-mail: {wemail}",
    ],
    "kwestionariusz pl": [
        ("Data i miejsce urodzenia", "{birth d.m.y} Gdynia"),
        ("Telefon kontaktowy", "{wphone PL}"),
        ("Adres poczty elektronicznej", "{wemail}"),
        ("Nr ewidencyjny PESEL", "{pesel}"),
        ("Data zatrudnienia", "{day d.m.y}"),
        ("Nr rachunku bankowego", "{wiban}"),
        ("Etat", "{percent}", "Stawka", "{total}"),
    ],
    "carta pt": [
        "Exma. Senhora, acusamos a receção da fatura {invoice} de {day pt}, no valor de {price} "
        "euros. O pagamento seguirá para o IBAN {wiban}. Contacte-nos pelo telefone {wphone PT} "
        "ou {wemail}.",
        ("NIF", "{ptnif #########}", "Data de nasc.", "{birth d/m/y}"),
        "Nascida a {birth pt} em Braga, apólice {order}, prémio {total}",
    ],
    "nota fiscal br": [
        ("NF-e {order}", "Emissão {day d/m/y} {time}"),
        ("CPF/CNPJ destinatário", "{cpf ###########}"),
        ("Fone", "{wphone BR}", "Frete", "{price}"),
        "Produto {ean} NCM {customs} Qtd {quantity} ICMS {percent}",
        "Cliente nascido em {birth d/m/y}, pedido {order}",
    ],
    "brev sv": [
        "Hej! Din bokning {order} gäller {day sv} kl {time}. Vi har antecknat personnummer "
        "{pnr} och mobiltelefon {wphone SE}; återbetalning sker till {wiban}.",
        "Kunden, född den {birth sv}, når oss på {wemail}. Belopp {price} kr, OCR {order}",
    ],
}

REPORTING: dict[str, list[Row]] = {**LETTERS, **RECORDS}
