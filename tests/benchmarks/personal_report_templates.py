"""Wordings and layouts of invented documents to report on: nothing may be tuned before a report.

Measured once unseen, see docs/personal-data.md, and mended by what that showed. Before the next
report these belong into `personal_templates`, and new ones here.
"""

from tests.benchmarks.personal_templates import Row

REPORTING: dict[str, list[Row]] = {
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
