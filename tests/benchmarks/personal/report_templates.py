"""Wordings and layouts of invented documents to report on: nothing may be tuned before a report.

Written without a look at how masking finds things. Once they were reported on and masking was
mended by what that showed, they belong to those for tuning, and new ones here and in
`report_records`.
"""

from tests.benchmarks.personal.report_records import RECORDS
from tests.benchmarks.personal.templates import Row

LETTERS: dict[str, list[Row]] = {
    "angebot de": [
        "Tischlerei Holzapfel GmbH · Am Anger 4 · 99084 Erfurt",
        ("Fon {lphone DE}", "Fax {lphone DE}"),
        ("Ihr Zeichen: {invoice}", "Unser Zeichen: {part}", "Erfurt, {day j.n.y}"),
        "ANGEBOT {order}",
        "Sehr geehrte Frau Kraus, gern bieten wir Ihnen {quantity} Innentüren zu je {price} EUR "
        "an, Maße 1.985 x 860 x 40 mm, RAL 9016, DIN 18101. An den Preis halten wir uns bis "
        "{day de} gebunden; danach gilt die Liste {day m/y}. Skonto {percent} bei Zahlung in 10 "
        "Tagen.",
        "Sparkasse {wiban DE} · {bic} · Amtsgericht Jena HRB {like ######}",
        "St.-Nr. {stnr} · USt-Id {devat ###########} · {hemail}",
    ],
    "visitenkarte at": [
        "Mag. Lukas Gruber, MBA",
        "Leitung Einkauf Holz & Platten",
        ("T  {lphone AT}", "M  {phone AT}"),
        ("F  {nphone AT}", "{email}"),
        "Fichtengasse 12/3/14, 1060 Wien",
        "FN {like ######}k, HG Wien, ATU-Nr. {atvat}, DVR {like 00#####}, ARA {article}",
    ],
    "business card us": [
        "Sofia Garcia | Regional Sales Manager",
        ("o: {wphone US}", "c: {wphone US}"),
        "{cemail}",
        "400 Oak Avenue, Suite 1200, Springfield, IL {like 62###-####}",
        "Lic. {like #0######} | NMLS {like ######} | Open {hours}",
    ],
    "mail print en": [
        ("From:", "Elena Rossi <{email}>"),
        ("To:", "{wemail}; Dispatch <{email}>"),
        ("Sent:", "Monday, {day us} {time}"),
        ("Subject:", "RE: FW: Order {order} / {article}"),
        "Message-ID: <{uuid}@mx.example.com>",
        "Peter, the parcel {ups} has been stuck at the depot since {day hyphens}. Could you ring "
        "the carrier on {wphone GB} or, out of hours, {nphone GB}, before {day en}? They will ask "
        "for consignment {mail} and the value, {bigtotal}.",
        "Elena Rossi, Logistics | DDI {phone GB} | WhatsApp {wphone GB}",
        "Registered in England and Wales no. {like 0#######}. VAT Reg No {gbvat}.",
    ],
    "mail print sv": [
        ("Från:", "Ingrid Nilsson [mailto:{wemail}]"),
        ("Skickat:", "den {day sv} {time}"),
        ("Ämne:", "SV: Faktura {invoice}"),
        "Hej Lars! Min mor Maria Nilsson ({pnr 19######-####}) har fått er faktura dubbelt. Ni "
        "når henne lättast på mobilen, {wphone SE}, efter kl. 16. Pengarna kan ni sätta in på "
        "konto {wiban SE}. OCR-nummer {order}, förfallodag {day y-m-d}.",
        "Med vänlig hälsning, Ingrid Nilsson, vxl {wphone SE}",
        "Lindholms Rör AB, org.nr {orgnr}, bankgiro {like 5###-####}, www.example.se",
    ],
    "mietvertrag": [
        "MIETVERTRAG ÜBER WOHNRAUM Nr. {part}",
        "zwischen der Hausverwaltung Kranich KG, HRA {like #####}, und Frau Anna Meyer, geboren "
        "am {birth de} in Kassel (Personalien geprüft am {day d.m.y}), derzeit erreichbar unter "
        "{wphone DE} oder {wemail}.",
        "§ 3 Das Mietverhältnis beginnt am {day de} und läuft auf unbestimmte Zeit. Die Wohnung "
        "hat 71,25 m², Schlüssel Nr. {article}, Zähler {serial}.",
        "§ 4 Die Miete von {price} EUR ist bis zum 3. Werktag auf das Konto {iban DE} zu zahlen, "
        "die Kaution von {price} EUR auf das Kautionskonto {wiban DE}.",
        "Notdienst Heizung: {lphone DE}",
    ],
    "tenancy ie": [
        "RESIDENTIAL TENANCY AGREEMENT, RTB ref. {like RT-####-####}",
        ("Tenant(s)", "D.o.B.", "PPSN"),
        ("Paulo Silva", "{birth d/m/y}", "{pps}"),
        ("Maria Silva", "{birth d/m/y}", "{pps}"),
        "Term: from {day en} to {day en}. Rent EUR {total} by standing order to {wiban IE} (BIC "
        "MUSTIE2DXXX), deposit EUR {total}, BER rating C2, MPRN {like 10#########}, Eircode D02 "
        "X285.",
        "Agent: PSRA licence {like 00####}. Repairs and out-of-hours line: {wphone IE}. Notices "
        "may be served by e-mail upon {wemail}.",
    ],
    "locazione it": [
        "CONTRATTO DI LOCAZIONE AD USO ABITATIVO",
        "Il locatore sig. Paulo Rossi, nato a Lecce il {birth d/m/y} (C.F. {cf}), concede in "
        "locazione alla sig.ra Elena Silva, nata il {birth it} a Gand (cod. fisc. {cf}), "
        "l'immobile al foglio 41, particella {article}, sub 7.",
        "Canone annuo euro {price} da versare sul c/c IBAN {piban IT} entro il giorno 5. "
        "Decorrenza {day d/m/y}, scadenza {day d/m/y}, registrato al n. {invoice} serie 3T.",
        "Recapiti: casa {wphone IT} - ufficio {wphone IT} - {wemail}",
        "Attestato energetico {order} del {day it}, classe D, EPgl 84,12",
    ],
    "huur nl": [
        "INTAKE HUURDER   dossier {part}",
        ("Voorletters en naam", "A.M. Jansen"),
        ("Geb. datum en -plaats", "{birth d-m-y} te Zwolle"),
        ("Tel. overdag", "{wphone NL}", "Tel. 's avonds", "{wphone NL}"),
        ("Mailadres", "{wemail}"),
        ("IBAN t.b.v. incasso", "{wiban NL}"),
        ("Burgerservicenr.", "{bsn #### ## ###}"),
        "Huurprijs € {price} per maand per {day nl}; waarborgsom € {total}; KvK {like 0#######}; "
        "energielabel {article}, EAN-code aansluiting {ean}, postcode 8011 PK",
    ],
    "facharzt de": [
        "ÜBERWEISUNGSSCHEIN        Kasse Musterland        Quartal 3/{day t}",
        ("Meyer, Anna", "{birth d.m.t}"),
        ("Kassen-Nr. {like 10#######}", "Status 1000000"),
        ("BSNR {like 72#######}", "Arzt-Nr. {like #########}", "{day d.m.t}"),
        "Erbitte Sonographie Abdomen. Z. n. Cholezystektomie {day m/y}, BMI 27,4, RR {pressure}, "
        "ICD K80.20 G, GOP 33042. Labor vom {day d.m.} anbei, Termin telefonisch unter "
        "{lphone DE}.",
        "Befund bitte per Fax ({nphone DE}) oder KIM an {wemail}",
    ],
    "lab report us": [
        "CEDAR HILL CLINICAL LABORATORIES   CLIA {like 14D#######}",
        ("SMITH, John A", "M", "{birth m/d/y}"),
        ("Accession", "{order}", "Collected", "{day m/d/y} {time}"),
        ("Client phone", "{wphone US}", "Reported", "{day m/d/y} {time}"),
        ("Test", "Result", "Reference", "LOINC"),
        ("Glucose", "{total}", "{range}", "2345-7"),
        ("Ferritin", "{total}", "{range}", "2276-4"),
        ("Platelets", "{like ###}", "{range}", "777-3"),
        "NPI {like 1#########}. Critical values were called to {wphone US} at {time}. Billing: "
        "SSN on file {ssn ### ## ####}, guarantor's {wemail}, CPT 82947, lot {lot}; card on file "
        "{card}, exp. {day m/t}.",
    ],
    "wyniki pl": [
        "SPRAWOZDANIE Z BADANIA LABORATORYJNEGO NR {invoice}",
        ("Pacjent: KOWALSKA ANNA", "Płeć: K", "Ur.: {birth y-m-d}"),
        ("PESEL: {pesel}", "Tel. {wphone PL}"),
        ("Data pobrania {day d.m.y} {time}", "Zlecenie {order}"),
        ("Badanie", "Wynik", "Zakres ref."),
        ("TSH", "2,{quantity}", "{range}"),
        ("Kreatynina", "0,{quantity}", "{range}"),
        "Kod kreskowy {ean}, REGON {like #########}, NIP {nip ##########}, wersja wyniku {semver}",
        "Wynik wysłano na adres {wemail} dnia {day pl} r.",
    ],
    "entgelt de": [
        "Entgeltabrechnung {day m/y}   Pers.-Nr. 00{quantity}   Blatt 1",
        ("Geburtsdatum", "Eintritt", "StKl", "Steuer-ID"),
        ("{birth d.m.y}", "{day d.m.y}", "1/0,5", "{idnr}"),
        ("SV-Nummer", "Krankenkasse", "BGRS"),
        ("{rvnr}", "Musterkasse", "1111"),
        ("Gesamtbrutto", "{price}", "Lohnsteuer", "{total}"),
        ("KV-Beitrag", "{total}", "Auszahlung", "{price}"),
        "Überweisung auf {wiban DE}, {bic}; Betriebsnummer {like 98######}, Finanzamt 9203",
        "Meldung nach DEÜV vom {day d.m.y}: Versicherungsnummer {rvnr ############}",
    ],
    "bulletin fr": [
        "BULLETIN DE PAIE   Période du {day d/m/y} au {day d/m/y}",
        ("Menuiserie Aubépine SARL", "SIRET {siret}"),
        ("Matricule 00{quantity}", "Code NAF 1623Z", "Conv. coll. 2412"),
        ("N° SS", "{nir}", "Entrée le", "{day d/m/y}"),
        ("Né(e) le", "{birth d/m/y}", "Coefficient", "2{quantity}"),
        ("Salaire de base", "151,67", "{total}"),
        ("Net à payer", "{price}", "Virt {wiban FR}"),
        "URSSAF {like ### ##########} - congés {quantity} jours - une question ? {wphone FR}, "
        "{wemail}",
    ],
    "palkka fi": [
        "PALKKALASKELMA   {day m/y}   Koivuranta Oy, Y-tunnus {like 2######-#}",
        ("Nilsson Ingrid", "Henkilötunnus", "{hetu}"),
        ("Syntymäaika", "{birth j.n.y}", "Työsuhde alkoi", "{day j.n.y}"),
        ("Tilinumero", "{wiban FI}", "Maksupäivä", "{day j.n.y}"),
        ("Bruttopalkka", "{price}", "Veroprosentti", "{percent}"),
        "Lomapäiviä {quantity}, TES-luokka 3.2, viitenumero {creditref}",
        "Palkanlaskenta p. {wphone FI}, gsm {wphone FI}, s-posti {email}",
    ],
    "finanzamt": [
        "Finanzamt Musterstadt-Nord, Postfach 10 04 42, 50667 Köln",
        ("Steuernummer", "{stnr}", "Datum", "{day d.m.y}"),
        ("IdNr. Ehemann", "{idnr}", "IdNr. Ehefrau", "{idnr ###########}"),
        "Bescheid für {day y} über Einkommensteuer. Festgesetzt werden {price} €, abzüglich "
        "{price} € Vorauszahlung. Bitte zahlen Sie bis {day de} unter Angabe des Kassenzeichens "
        "{customer} auf das Konto {iban DE}.",
        "Ihr Kind Lukas (geb. {child d.m.y}) wurde mit 2 Freibeträgen berücksichtigt; § 32 Abs. 6 "
        "EStG, Anlage {article}. Rückfragen: Zimmer 3.14, Tel. {lphone DE}",
    ],
    "tax letter uk": [
        ("Please phone", "{nphone GB}", "Date", "{day en}"),
        ("Unique Taxpayer Reference", "{utr ##### #####}"),
        ("National Insurance", "{nino}", "Tax code", "1257L M1"),
        ("Employer PAYE ref", "{like 120/AB#####}", "Payslip", "{order}"),
        "Dear Mr Smith, we have looked at your Self Assessment for {day y} and you owe "
        "£{bigtotal}. Pay by {day en}; late payments cost {percent} a year. Our sort code is "
        "08-32-10 and your payment reference is {order}K. We hold {birth d m y} as your date of "
        "birth; if that is wrong, tell us on {wphone GB}.",
    ],
    "police report us": [
        "INCIDENT / OFFENSE REPORT    Case # {like 24-######}    Badge {like ####}",
        ("Reported", "{day m/d/y} {time}", "Occurred", "{day m/d/y} {time}"),
        ("V-1  GARCIA, MARIA", "DOB {birth m/d/y}", "SSN {ssn}"),
        ("Res ph {wphone US}", "Cell {wphone US}"),
        ("W-1  DUBOIS, PETER", "DOB {birth m-d-y}", "Bus. ph {wphone US} ext. {like 2##}"),
        "R/O met V-1, who said that her debit card {card} and a phone, IMEI {imei}, were taken "
        "from her car (VIN {vin}) at {coordinates}. Value ${total}. UCR {like ####}, NCIC "
        "{like N#########}.",
    ],
    "atestado es": [
        "DILIGENCIAS {invoice}   Instructor TIP {article}   {day d/m/y}, {time} horas",
        "Comparece quien acredita ser Paulo García, con NIE {nie #-########}, hijo de Juan y de "
        "Sofía, nacido en Oporto el día {birth es}, con domicilio en c/ del Olmo 14, 3.º B, 28012 "
        "Madrid, y teléfonos {wphone ES} y {wphone ES}.",
        "MANIFIESTA que el {day es} le sustrajeron la cartera con su tarjeta {card} y el D.N.I. "
        "de su esposa, núm. {dni ######## #}; que el cargo de {price} euros se hizo desde la "
        "cuenta {piban ES}; y que designa el correo {wemail} para notificaciones.",
    ],
    "enrolment en": [
        "PUPIL ADMISSION FORM   Academic year {day y}   DfE no. {like 301/####}",
        ("Legal surname", "Forename", "Born", "Sex"),
        ("Meyer", "Lukas", "{child d/m/y}", "M"),
        ("Previous school", "St Aidan's", "Left on", "{day d/m/y}"),
        ("Parent/carer 1 (home)", "{wphone GB}", "(work)", "{wphone GB}"),
        ("Parent/carer 2 (mobile)", "{wphone GB}", "NI no.", "{nino #########}"),
        ("GP surgery", "{wphone GB}", "NHS no.", "{nhs}"),
        "Email for school letters: {wemail}. Siblings: Anna, d.o.b. {child d/m/t}, Year 4. MMR "
        "given {day m/y}; dinner money {total}; ParentPay code {locator}.",
    ],
    "prihlaska cs": [
        "PŘIHLÁŠKA K ZÁKLADNÍMU VZDĚLÁVÁNÍ, č. j. ZŠ {invoice}",
        ("Dítě narozeno dne", "{child j. n. y}", "Místo", "Olomouc"),
        ("Zákonný zástupce", "Petr Novák", "nar.", "{birth d.m.y}"),
        ("Rodné č.", "{rc}", "Mobil", "{wphone CZ}"),
        ("Tel. domů", "{wphone CZ}", "E-mailová adresa", "{wemail}"),
        "V Olomouci dne {day cs}, zápis {day j.n.y} v {time}, PSČ 779 00, IČO {like 0#######}, "
        "REDIZO {like 600######}, školné {total} Kč",
    ],
    "academia br": [
        "CONTRATO DE ADESÃO Nº {order} - Academia Vento Norte Ltda, CNPJ {cnpj}",
        ("Aluno(a)", "Sofia Silva", "Nasc.", "{birth d/m/y}"),
        ("CPF nº", "{cpf}", "Celular/WhatsApp", "{wphone BR}"),
        ("Tel. de emergência", "{wphone BR}", "Matrícula", "{article}"),
        ("Cartão de crédito", "{card}", "Validade", "{day m/t}"),
        ("Plano anual", "12 x R$ {total}", "Início", "{day d/m/y}"),
        "CEP {like 01###-###}, avaliação física: PA {pressure}, FC {quantity}, IMC 24,3, multa de "
        "{percent}",
        "Boletos serão enviados a {cemail} até {day pt}.",
    ],
    "cv ro": [
        "Curriculum vitae   Informații personale",
        ("Nume / Prenume", "Popescu Elena"),
        ("Data nașterii", "{birth ro}", "Naționalitate", "română"),
        ("Telefon mobil", "{wphone RO}", "E-mail(uri)", "{wemail}"),
        ("CNP", "{cnp}", "Carnet B din", "{day d.m.y}"),
        ("Perioada", "{day m/y} - {day m/y}", "Contabil șef"),
        "Experiență: buget {price} lei, SAP {semver}, certificat nr. {order} din {day ro}, "
        "{like J40/####/2014}; ISSN {like 1582-####}, media 9,45",
    ],
    "jelentkezes hu": [
        "JELENTKEZÉSI LAP nyelvtanfolyamra, azonosító {article}",
        ("Szül. hely, idő", "Szeged, {birth hu}"),
        ("Mobilszám", "{wphone HU}", "Napközbeni tel.", "{wphone HU}"),
        ("E-mail cím", "{wemail}", "Kezdés", "{day y. m. d.}"),
        "Számla: {invoice}, összeg {total} Ft, teljesítés {day y.m.d}, fizetés bankkártyával: "
        "{card}",
        "Csoport 3.2.1, óraszám {quantity}, irányítószám 6720, képzés {hours}",
    ],
    "faktura da": [
        "FAKTURA {order}   EAN-lokation {ean}",
        ("Forfaldsdato", "{day d.m.y}", "Kundenr.", "{article}"),
        "Kære Maria. Vi har den {day da} leveret {quantity} gardiner a kr. {total}. Beløbet kan "
        "overføres til IBAN {wiban DK}, FI-kort +71< {like ###############} +{like 8#######}<.",
        "Vi har noteret mobilnr. {wphone DK} og CPR-nr. {cpr ##########} til ratekontrakten; "
        "fødselsdag {birth da}. Spørgsmål? Ring {wphone DK} eller skriv til {email}",
        "Betalt {total} med Visa/Dankort {card}. Moms {percent}, rabat {percent}, P-nr. "
        "{like 10########}, vægt {total} kg",
    ],
    "offerte ch": [
        "Velos Bergmann AG, Seestrasse 18, 8002 Zürich   {chvat} MWST",
        ("Rechnung {invoice}", "{day d.m.y}", "Kd-Nr. {article}"),
        ("Pos.", "Artikel", "Menge", "CHF"),
        ("1", "Rahmen {part}", "{quantity}", "1'{like ###}.50"),
        ("2", "{ean}", "{quantity}", "{total}"),
        ("Konto / Zahlbar an", "Referenz"),
        ("{iban CH}", "{qrref}"),
        "Versicherte Person: Lukas Keller, *{birth d.m.y}, AHVN13 {ahv}, Natel {wphone CH}",
        "Tel. {lphone CH}, werkstatt: {email}, Frist {day de}, Rahmen-Nr. {serial}",
    ],
}

REPORTING: dict[str, list[Row]] = {**LETTERS, **RECORDS}
