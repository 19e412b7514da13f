"""Wordings and layouts of invented documents that masking was tuned with.

Those that are reported on are in `report_templates`. A template is a list of rows; a row
is a text, or a tuple of cells. `{name}` stands for personal data or for bait, see `fill` in
`documents`.

TUNING was there first. FIRST and SECOND were reported on once each, unseen, and what these reports
showed was mended; since then they are for tuning as well. So is the third set, in
`third_templates`.
"""

Row = str | tuple[str, ...]

TUNING: dict[str, list[Row]] = {
    "letter en": [
        "Dear Sir or Madam, please update my details. You can write to me at {email} or ring me on "
        "{phone GB} during the day. My new account is {iban} and it is open since {date}.",
        "I was born on {birth en}, my National Insurance number is {nino}, order {order}.",
        "Yours faithfully",
    ],
    "letter de": [
        "Sehr geehrte Damen und Herren, bitte überweisen Sie den Betrag von {total} EUR auf mein "
        "Konto {iban}. Für Rückfragen: {email} oder telefonisch unter {phone DE}.",
        "Meine Steuer-ID lautet {idnr}. Geboren am {birth d.m.y} in Köln.",
        "Bestellung {order} vom {date}",
    ],
    "letter fr": [
        "Madame, Monsieur, je vous prie de virer la somme de {total} euros sur le compte {iban}. "
        "Mon courriel est {email} et mon portable le {phone FR}.",
        "Né le {birth fr} à Lyon. Numéro de sécurité sociale : {nir}",
    ],
    "form en": [
        ("Date of birth", "{birth d/m/y}"),
        ("SSN", "{ssn}"),
        ("E-mail", "{email}"),
        ("Phone", "{nphone US}"),
        ("Card number", "{card}"),
        ("Order number", "{order}"),
        ("Member since", "{date}"),
    ],
    "form es": [
        ("DNI:", "{dni}", "Fecha de nacimiento:", "{birth d/m/y}"),
        ("Teléfono:", "{nphone ES}", "NIE:", "{nie}"),
        ("Correo:", "{email}", "Pedido:", "{order}"),
        ("CIF:", "{cif}", "Fecha:", "{date}"),
    ],
    "form it above": [
        ("Codice fiscale", "Data di nascita"),
        ("{cf}", "{birth d/m/y}"),
        ("Partita IVA", "Telefono"),
        ("{piva}", "{nphone IT}"),
        ("Numero ordine", "Data ordine"),
        ("{order}", "{date}"),
    ],
    "form nl": [
        ("Geboortedatum: {birth d-m-y}", "BSN: {bsn}"),
        ("Telefoon: {nphone NL}", "Btw-nummer: {btw}"),
        "Artikel {article} aantal {quantity} totaal {total}",
    ],
    "invoice": [
        ("Invoice {order}", "Date {date}"),
        ("Article", "EAN", "Qty", "Total"),
        ("{article}", "{ean}", "{quantity}", "{total}"),
        ("{article}", "{ean}", "{quantity}", "{total}"),
        ("{article}", "{ean}", "{quantity}", "{bigtotal}"),
        "Pay to IBAN {iban} within 14 days, VAT no {devat}",
        "Questions: {email}",
    ],
    "receipt": [
        "SUPERMARKT AM RING",
        ("Milch {ean}", "{total}"),
        ("Brot {ean}", "{total}"),
        ("SUMME EUR", "{total}"),
        "VISA {card}",
        "{date} {time} Bon {order}",
    ],
    "card TD3": ["REPUBLIC OF UTOPIA PASSPORT", ("Date of birth", "{birth d.m.y}"), "{mrz TD3}"],
    "card TD1": ["IDENTITY CARD", "{mrz TD1}"],
    "log": [
        "Login from {ip} at {time} on {isodate}",
        "Software version {version} serial {serial}",
        "Client {ip} MAC {mac}",
    ],
    "table": [
        ("Name", "Born", "Account"),
        ("Meyer", "{birth d.m.y}", "{iban}"),
        ("Rossi", "{birth d.m.y}", "{iban}"),
        ("Silva", "{birth d.m.y}", "{iban}"),
    ],
    "form pl": [
        ("PESEL {pesel}", "NIP {nip}"),
        ("Data urodzenia {birth d.m.y}", "Zamówienie {order}"),
    ],
    "form se": ["Personnummer: {pnr}", "Telefon: {nphone SE}", "Order: {order}", "E-post: {email}"],
    "form br": [
        "CPF: {cpf}",
        "Data de nascimento: {birth d/m/y}",
        "Pedido {order}",
        "Celular {nphone BR}",
    ],
    "form dk": ["CPR-nr. {cpr}", "Mobil: {phone DK}", "Ordrenr. {order}"],
    "form no fi": ["Fødselsnummer {fnr}", "Henkilötunnus: {hetu}", "Viite {order}"],
    "form ch at": ["AHV-Nr. {ahv}", "SVNR: {svnr}", "UID-Nr. {atvat}", "Artikel {article}"],
    "form be pt": ["Rijksregisternummer: {nn}", "NIF: {ptnif}", "Nr. {order} / {date}"],
    "form ja": [
        "生年月日 {birth y年m月d日}",
        "電話番号 {nphone JP}",
        "マイナンバー {mynumber}",
        "注文番号 {order}",
    ],
    "form zh": [
        "姓名: 王小明",
        "身份证号码\uff1a{ric}",
        "手机\uff1a{nphone CN}",
        "出生日期\uff1a{birth y-m-d}",
        "订单 {order}",
    ],
}

FIRST: dict[str, list[Row]] = {
    "notice en": [
        "Thank you for your enquiry dated {date} about parcel {tracking}. Refunds are sent to the "
        "account {iban} only. If this is wrong please tell our desk, {email}, or call {phone US} "
        "between nine and five, quoting case {order}.",
        "The patient, date of birth {birth en}, NHS number {nhs}, was seen on {date}.",
        "UTR {utr} was charged {bigtotal} pounds.",
    ],
    "notice de": [
        "Vertrag {order}: Die Versicherte, geb. {birth de}, erreichen wir unter {phone AT} und per "
        "Mail an {email}. Die Rate über {total} Euro wird von der Bankverbindung {iban} abgebucht.",
        "USt-IdNr. {devat}, Beleg vom {date}, Artikelnummer {article}",
    ],
    "notice es": [
        "Estimada clienta: confirmamos su pedido {order} de {total} euros. Cargaremos el importe "
        "en la cuenta {iban}. Avisaremos a {email} y al móvil {phone ES}.",
        "Titular nacida el {birth es} con NIF {dni}, tarjeta {card}",
    ],
    "notice it": [
        "Il sottoscritto, nato il {birth it} a Torino, C.F. {cf}, chiede il rimborso di {total} "
        "euro sul conto {iban} e lascia il recapito {phone IT} e la casella {email}.",
        "Ordine {order} del {date}, articolo {ean}",
    ],
    "application": [
        ("Your birthday", "Social security no."),
        ("{birth m/d/y}", "{ssn}"),
        ("Mobile", "Electronic mail"),
        ("{nphone GB}", "{email}"),
        ("Invoice no.", "Amount due"),
        ("{order}", "{bigtotal}"),
        ("Credit card", "Taxpayer (ITIN)"),
        ("{card}", "{itin}"),
    ],
    "antrag": [
        ("Geburtsdatum", "{birth d.m.y}", "Handy", "{nphone DE}"),
        ("Identifikationsnummer", "{idnr}", "Kundennr.", "{order}"),
        ("IBAN", "{iban}"),
        ("Mailadresse", "{email}"),
        ("Seriennummer", "{serial}", "Datum", "{date}"),
    ],
    "formulaire": [
        "Date de naissance : {birth d/m/y}   Tél. : {nphone FR}",
        "N° de sécurité sociale {nir}",
        ("Commande {order}", "Montant {total}"),
        "Courriel : {email}",
    ],
    "ficha pt br": [
        ("Contribuinte n.º {ptnif}", "Encomenda {order}"),
        ("Nascido em {birth d-m-y}", "Telemóvel {nphone PT}"),
        ("CPF do titular {cpf}", "Versão {version}"),
    ],
    "delivery note": [
        "Delivery note {order} / {isodate}",
        ("Pos", "Item no.", "GTIN", "Pieces", "Net"),
        ("1", "{article}", "{ean}", "{quantity}", "{total}"),
        ("2", "{article}", "{ean}", "{quantity}", "{total}"),
        ("Sum", "{bigtotal}"),
        "Tracking {tracking} Firmware {version}",
        "Bank: {iban}   Contact: {email}   Fax {phone NL}",
    ],
    "till": [
        "CAFE CENTRAL",
        ("2 x Espresso", "{total}"),
        ("{ean} Torta", "{total}"),
        ("TOTALE", "{total}"),
        "Carta {card}",
        "P.IVA {piva} Doc. {order}",
        "{date} {time}",
    ],
    "visa": ["VISUM", ("Name", "Geburtsdatum"), ("MEYER", "{birth d.m.y}"), "{mrz MRVA}"],
    "identity card": [
        "CARTA DI IDENTITA",
        ("Numero", "Scadenza"),
        ("{serial}", "{date}"),
        "{mrz TD1}",
    ],
    "residence permit": ["AUFENTHALTSTITEL", "{mrz TD2}", "Ausgestellt {date}"],
    "travel document": ["PASSEPORT PASSPORT", "{mrz TD3}"],
    "network": [
        ("Host", "IP address", "Hardware"),
        ("srv-1", "{ip}", "{mac}"),
        ("srv-2", "{ip}", "{mac}"),
        "Release {version} build {version} of {isodate}, ticket {order}",
    ],
    "payroll": [
        ("Employee", "BSN", "Date of birth", "Gross"),
        ("Jansen", "{bsn}", "{birth d-m-y}", "{total}"),
        ("Bakker", "{bsn}", "{birth d-m-y}", "{total}"),
        ("Visser", "{bsn}", "{birth d-m-y}", "{total}"),
    ],
    "members": [
        ("Nr", "Mail", "Konto"),
        ("{quantity}", "{email}", "{iban}"),
        ("{quantity}", "{email}", "{iban}"),
        ("{quantity}", "{email}", "{iban}"),
    ],
    "karta pl": ["Nr PESEL: {pesel}", "ur. {birth d.m.y}", "NIP firmy {nip}, faktura {order}"],
    "nordic": [
        ("Person-nr {pnr}", "Född {birth y-m-d}"),
        ("CPR: {cpr}", "Tlf. {nphone DK}"),
        ("Fnr. {fnr}", "HETU {hetu}"),
        "Faktura {order} {isodate} {total}",
    ],
    "alps": [
        "Sozialversicherungsnummer {svnr}",
        "AHV {ahv}, Police {order}",
        "UID {atvat} EAN {ean}",
    ],
    "east": [
        ("Rodné číslo: {rc}", "CNP {cnp}"),
        ("EGN {egn}", "AMKA {amka}"),
        "Objednávka {order} {date}",
    ],
    "overseas": [
        ("Aadhaar {aadhaar}", "PAN {pan}"),
        ("TFN {tfn}", "SIN {sin}"),
        ("T.C. Kimlik No {tckn}", "ID number {zaid}"),
        ("PPS No. {pps}", "Receipt {order}"),
    ],
    "shinsei": [
        ("誕生日", "{birth y年m月d日}"),
        ("携帯", "{nphone JP}"),
        ("個人番号", "{mynumber}"),
        "商品 {ean} {total}",
    ],
    "biaoge": [
        "公民身份号码 {ric}",
        "电话 {nphone CN}",
        "生日 {birth y年m月d日}",
        "合计 {total}",
        "邮箱 {email}",
    ],
}

SECOND: dict[str, list[Row]] = {
    "reminder en": [
        "Second reminder {isodate}: we could not collect {total} from your bank. Kindly remit it "
        "to {iban}, quoting reference {order}. Our accounts team answers on {phone IE} or through "
        "{email} every weekday.",
        "Policy holder born {birth en}; PPS number {pps}; premium {bigtotal}.",
    ],
    "bescheid de": [
        "Bescheid vom {date}: Ihre Erstattung von {total} Euro geht an {iban}. Bitte prüfen Sie "
        "die Angaben und melden Sie Fehler unter {phone DE} oder an {email}, Vorgang {order}.",
        "Steueridentifikationsnummer {idnr}, Geburtstag {birth d.m.y}",
    ],
    "attestation fr": [
        "Je soussignée, née le {birth d/m/y}, atteste avoir reçu {total} euros par virement sur "
        "{iban}. On peut me joindre au {phone FR} ou par courrier électronique : {email}.",
        "N° de sécu {nir}, dossier {order}, facture du {date}",
    ],
    "contrato es": [
        "El arrendatario, con DNI {dni} y fecha de nacimiento {birth es}, abonará {total} euros "
        "cada mes desde la cuenta {iban}. Contacto: {email}, teléfono {phone ES}.",
        "Contrato {order}, firmado el {date}; referencia catastral {serial}",
    ],
    "ricevuta it": [
        ("Paziente", "Nascita"),
        ("ROSSI", "{birth d/m/y}"),
        ("Codice fiscale {cf}", "Cellulare {nphone IT}"),
        ("Prestazione {article}", "{total}"),
        "Pagato con carta {card} il {date}, P. IVA {piva}",
    ],
    "registration": [
        ("Family name", "SMITH"),
        ("Birth date", "{birth m/d/y}"),
        ("Soc. Sec. No.", "{ssn}"),
        ("Cell phone", "{nphone US}"),
        ("Personal e-mail", "{email}"),
        ("Visa / Mastercard", "{card}"),
        ("Confirmation", "{order}"),
        ("Arrival", "{isodate}"),
    ],
    "personalbogen": [
        ("Name", "Geb.-Datum", "Sozialvers.-Nr."),
        ("Huber", "{birth d.m.y}", "{svnr}"),
        ("Gruber", "{birth d.m.y}", "{svnr}"),
        "Bankverbindung: {iban}",
        "Mobiltelefon: {nphone AT}   Personalnr. {quantity}",
    ],
    "inschrijving": [
        ("Burgerservicenummer", "{bsn}"),
        ("Geboren op", "{birth d-m-y}"),
        ("Mobiel nummer", "{nphone NL}"),
        ("Rekening", "{iban}"),
        ("Factuurnummer", "{order}"),
        ("Btw-id", "{btw}"),
    ],
    "be pt": [
        "INSZ {nn} - dossier {order}",
        "Número de contribuinte: {ptnif}, fatura {order} de {date}",
        "Tlm. {nphone PT}",
    ],
    "umowa pl": [
        "PESEL: {pesel}, urodzona {birth d.m.y}, tel. kom. {nphone PL}",
        "NIP: {nip}, rachunek {iban}, kwota {total}",
        "Umowa nr {order} z dnia {date}",
    ],
    "blankett": [
        ("Personnummer", "Mobilnr"),
        ("{pnr}", "{nphone SE}"),
        ("Fakturanr", "Belopp"),
        ("{order}", "{bigtotal}"),
        "Fødselsnr. {fnr}   Hetu: {hetu}   CPR-nummer {cpr}",
    ],
    "packing list": [
        "Shipment {tracking} of {isodate} {time}",
        ("Line", "Part number", "Barcode", "Qty", "Value"),
        ("10", "{article}", "{ean}", "{quantity}", "{total}"),
        ("20", "{article}", "{ean}", "{quantity}", "{total}"),
        ("30", "{article}", "{ean}", "{quantity}", "{bigtotal}"),
        "Controller firmware {version}, serial {serial}, contract {order}",
        "EORI contact {email}, VAT reg. {atvat}",
    ],
    "kassenzettel": [
        ("{ean}", "{total} A"),
        ("{ean}", "{total} B"),
        "Zu zahlen {total}",
        "Girocard {card}",
        "USt-ID {devat} TSE {serial}",
        "{date} {time} Beleg {order}",
    ],
    "passport": ["UTOPIA", ("Surname", "Date of birth"), ("ROSSI", "{birth d.m.y}"), "{mrz TD3}"],
    "carte": ["CARTE NATIONALE", "Délivrée le {date}", "{mrz TD1}"],
    "old card": ["OLD IDENTITY DOCUMENT {serial}", "{mrz TD2}"],
    "sticker": ["MULT 90 DAYS {date}", "{mrz MRVB}"],
    "incident": [
        "At {time} the address {ip} tried {quantity} passwords; interface {mac} was cut off.",
        "Patched from {version} to version {version} on {isodate}",
        "Gateway: {ip}",
    ],
    "world": [
        "Aadhaar no. {aadhaar}   PAN card {pan}",
        "Tax file number {tfn}   Social insurance number {sin}",
        "TC kimlik {tckn}   RSA identity number {zaid}",
        "CPF {cpf}   Nota {order}",
        "Rodné č. {rc}   CNP: {cnp}   EGN: {egn}",
    ],
    "touroku": [
        "生年月日: {birth y年m月d日}",
        "電話: {nphone JP}",
        "個人番号 {mynumber}",
        "合計 {total}",
    ],
    "dengji": ["身份证号 {ric}", "出生日期 {birth y-m-d}", "手机号码 {nphone CN}", "条码 {ean}"],
}
