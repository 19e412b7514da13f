"""Words beside telephone numbers, language by language."""

# ruff: noqa: RUF001
from processors.masking.labels import Labels, labels

LABELS = labels(
    "tel, (?!te[i][l])tel[a-z]{0,5}, telephone, telephones, telephone number, phone, phones",
    "phone number",
    "(?:cell|home|work|office|mobile|smart|hand|car|land|bus|business|day|night|video|pay)phone",
    "ph, mobile, mobiles, mob, cell, cellular, landline, direct line, d ?d ?i",
    "direct dial, direct phone, switchboard, call, call us(?: on| at)?, call ?back",
    "ring us, hotline, help ?line, info ?line, toll free, free ?call, whats ?app, viber, sms",
    "voice ?mail, pager, fax, faxes, fax no, tele ?fax, facsimile, contact, contacts",
    "contact n[or], hp, home no, work no, mobile no, reach(?:ed)? (?:me |us )?(?:on|at)",
    "after hours, out of hours, out of hours line, called (?:to|at)",
    # German
    "[a-z]{0,12}telefon(?:e|isch|nummern?|nr|durchwahl|kontakt|zentrale)?, fon, fone",
    "fernsprecher, rufnummern?, ruf ?nr, festnetz(?:nummer|nr)?, durchwahl, handy",
    "handy ?n[ru][a-z]{0,5}, natel, mobil, mobil[a-z]{0,12}, mobilfunk(?:nummer|nr)?",
    "tele ?fax(?:nummer|nr)?, fax(?:nummer|nr)",
    "(?:ruckruf|notruf|notfall|service|hotline|privat)(?:nummer|nr), notruf, rückruf",
    "erreichbar (?:unter|von|tel), (?:service|kunden|bestell|info)?hotline",
    "rufen sie (?:uns )?an",
    # French
    "téléphone, téléphones, téléphonique, tph, portable, gsm, télécopie, télécopieur",
    "ligne directe, n(?:o|uméro)? vert, numéro de téléphone, appele[rz](?: le| au)?",
    "rappeler(?: au| le)?, rappelez(?: au| le)?, joignable(?: au)?, joindre (?:au|par tel)",
    # Spanish and Portuguese
    "teléfono, teléfonos, tfno, tlf, tlfs, tlfno, tfn, tf, telf, móvil, móviles, celular",
    "llamar(?: al)?, llame(?: al)?, llámenos(?: al)?, línea directa, centralita, wasap",
    "teléfonico, telefones?, telem, telemóvel, telemóveis, tlm, tlmv, celulares",
    "linha direta, contactos?, contatos?, ligue(?: para)?, ligar(?: para)?, facsímile",
    # Italian and Romanian
    "telefono, telefoni, telefonico, cellulare, cellulari, telefono fisso, num[eo]*ro verde",
    "centralino, chiamare(?: il| lo)?, chiama(?: il| lo)?, telefonul, sunați(?: la)?, apelați",
    # Dutch
    "telefoon, telefoonnummer, telefoon ?nr, telnr, mobiel, mobieltje, mobiel ?n[ru][a-z]{0,5}",
    "doorkiesnummer, doorkies ?nr, bellen, bel (?:naar|ons|bij|met|op|voor), 06 nummer",
    "terugbellen(?: op)?, vast nummer, bereikbaar op, faxnummer, noodnummer",
    # Polish, Czech, Slovak, Hungarian
    "telefonu, telefony, telefonicznie, numer telefonu, komórka, komórkowy, kom, faks, infolinia",
    "zadzwoń, stacjonarny, telefon[ni]*, telefónne, mobilní, mobilný, mobilní telefon",
    "pevná linka, infolinka, zelená linka, volejte, volajte, telefonszám, telefonszáma",
    "mobilszám, vezetékes, hívható, hívja, fax ?szám",
    # Nordic
    "tfn, telefonnr, mobilnr, mobiltelefon, hemtelefon, arbetstelefon, direktnummer",
    "tlf ?nr, telefaks, telefonnummer, mobilnummer, ring til, hovednummer, nødtelefon",
    "vakttelefon, puhelin, puhelimitse, puhelinnumero, puh, puh ?nro, matkapuhelin, gsm",
    "kännykkä, faksi, soita",
    # Turkish, Croatian, Slovenian
    "telefonu, cep tel, cep telefonu, belgegeçer, ev tel, iş tel, arayın, mobitel, mobilni",
    "broj telefona, telefonska številka, gsm številka, pokličite, nazovite, pozovite",
    # Greek and Cyrillic
    "τηλ, τηλέφων[α-ω]{1,3}, κιν, κινητό, φαξ, τηλεομοιοτυπία, καλέστε, тел, телеф",
    "телефон[а-я]{0,3}, моб, мобильн[а-я]{1,3}, мобільн[а-я]{1,3}, мобилни, сотов[а-я]{1,3}",
    "факс, звоните, дзвоніть, горячая линия, гаряча лінія, вайбер, вотсап",
    # East Asia, and others
    "電話(?:番号|號碼)?, 电话(?:号码)?, 手机(?:号码?)?, 手機(?:號碼)?, 携[帯带](?:電話|番号)?",
    "連絡先, 联系方式, 直通, フリーダイヤル, フリーコール, ファックス, ファクス, ファクシミリ",
    "座机, 固话, 传真, 傳真, 热线, 熱線, 行動電話, 전화(?:번호)?, 연락처, 휴대폰, 휴대전화",
    "핸드폰, 팩스, 직통, 유선, dien thoai, điện thoại, telepon, telpon, nomor hp, no hp, di động",
    # Marks
    "☎, ☏, ✆, 📞, 📱, 📲, 📠, 📟, 🖷, 🕾, 🕿, 🖀",
)
"""Any number of 6 to 15 digits after one of them is a telephone's, or a fax machine's."""

LETTER = (
    r"(?:^|[|,;/] ?|[0-9] | [.\-] | (?=[tfmp][.:]))(?:\([tfmpdwohc]\)|[tfmpdwohc])[.:/|]{0,2} ?$"
)
"""What stands in front of a number on a letterhead: telephone, fax, mobile, direct, work, home.

At the beginning of a line, or parted from what stands before it.
"""

DESKS: tuple[tuple[tuple[str, ...], Labels], ...] = (
    (
        ("GB", "US", "IE", "AU", "NZ", "CA", "IN", "ZA"),
        labels(
            "secretary, secretariat, reception, receptionist, front desk, help ?desk, support",
            "customer (?:service|services|care|support), service desk, office, enquiries",
            "inquiries, bookings?, reservations?, sales, accounts, emergency, emergencies, home",
            "work, direct, service, desk, questions, night, daytime, day, evening, surgery, ward",
            "pharmacy, clinic, next of kin, doctor, text, main, private, business",
        ),
    ),
    (
        ("DE", "AT", "CH"),
        labels(
            "sekretariat, vorzimmer, empfang, zentrale, kundenservice, kundendienst, service",
            "kundenbetreuung, kundencenter, servicecenter, servicezeiten, support",
            "ansprechpartner, ansprechpartnerin, ansprechperson, sachbearbeiter(?:in)?",
            "sachbearbeitung, bearbeiter, bearbeiterin, rückfragen, auskunft, auskünfte",
            "notdienst, notfall, bereitschaft, büro, privat, dienstlich, geschäftlich, tagsüber",
            "abends, kontakt, anmeldung, praxis, station, hausverwaltung, hausmeister",
            "verwaltung, störung, störungsdienst, beratung, filiale, terminvereinbarung, termine",
            "termin unter, buchhaltung, vertrieb, zuständig, es betreut sie",
        ),
    ),
    (
        ("FR", "BE", "CH", "CA"),
        labels(
            "fixe, secrétariat, accueil, standard, service clients?, service [a-z]{3,12}",
            "relation clients?, assistance, urgences?, urgence, bureau, domicile, cabinet",
            "renseignements?, contact, votre (?:contact|conseiller|interlocuteur), conseiller",
            "conseillère, interlocuteur, rendez vous, réservations?, dépannage, sav, personnel",
            "travail, direct, astreinte, ligne",
        ),
    ),
    (
        ("ES", "MX", "AR", "CO", "CL", "PE"),
        labels(
            "fijo, cel, atención al cliente, atención, servicio al cliente, servicio técnico",
            "soporte, secretaría, recepción, oficina, urgencias, emergencias, emergencia",
            "información, citas, cita previa, consultas, reservas, casa, trabajo, domicilio",
            "particular",
            "contacto",
        ),
    ),
    (
        ("IT", "CH"),
        labels(
            "assistenza, assistenza clienti, servizio clienti, segreteria, ufficio, reception",
            "informazioni, prenotazioni, emergenze, emergenza, abitazione, casa, lavoro",
            "recapito, recapiti, contatti, contatto, referente, pronto intervento, guasti",
        ),
    ),
    (
        ("PT", "BR"),
        labels(
            "fixo, cel, zap, apoio ao cliente, atendimento, atendimento ao cliente",
            "central de atendimento, sac, suporte, secretaria, secretariado, recepção, receção",
            "emergência, urgência, informações, marcações, reservas, escritório, residencial",
            "comercial, recado, recados, assistência, dúvidas",
        ),
    ),
    (
        ("NL", "BE"),
        labels(
            "klantenservice, klantendienst, secretariaat, receptie, balie, storing",
            "storingsdienst, contactpersoon, vragen, afspraken, afspraak, spoed, spoedgevallen",
            "thuis, werk, privé, kantoor, praktijk, inlichtingen, helpdesk, meldkamer, huisarts",
        ),
    ),
    (
        ("PL", "CZ", "SK", "HU", "RO", "HR", "RS", "SI"),
        labels(
            "biuro obsługi klienta, obsługa klienta, sekretariat, recepcja, rejestracja, kontakt",
            "dyżur, serwis, biuro, pogotowie, zákaznický servis, zákaznická linka, linka",
            "recepce, sekretariát, infocentrum, objednávky, zákaznícky servis, ügyfélszolgálat",
            "titkárság, recepció, ügyelet, ügyintéző, relații clienți, relatii cu clientii",
            "secretariat, recepție, urgențe, programări, korisnička služba, podrška, recepcija",
            "tajništvo, podpora, podpora uporabnikom, dežurni",
        ),
    ),
    (
        ("SE", "DK", "NO", "FI"),
        labels(
            "kundtjänst, kundservice, växel, reception, sekretariat, jour, journummer, akut",
            "support, kundeservice, kundesenter, sentralbord, omstilling, vagttelefon, vakt",
            "resepsjon, direkte, privat, hem, arbete, arbeid, kontor, hjem, asiakaspalvelu",
            "ring, vaihde, päivystys, vastaanotto, neuvonta, ajanvaraus, toimisto, koti, työ",
        ),
    ),
    (
        ("TR", "GR", "RU", "UA"),
        labels(
            "cep, müşteri hizmetleri, çağrı merkezi, danışma, sekreter, sekreterlik, santral",
            "acil, destek, εξυπηρέτηση πελατών, γραμματεία, πληροφορίες, ρεσεψιόν",
            "έκτακτη ανάγκη, сот, приемная, секретарь, секретаріат, регистратура, справочная",
            "справки, служба поддержки, поддержка, диспетчер, диспетчерская, контакты?",
            "приймальня, підтримка, довідки",
        ),
    ),
    (
        ("JP", "CN", "KR", "TW"),
        labels(
            "お問い?合わ?せ先?, 受付, 代表, 自宅, 勤務先, 緊急連絡先, 窓口, 予約",
            "カスタマーセンター, コールセンター, 客服, 客户服务, 客戶服務, 服务中心, 咨询, 諮詢",
            "总机, 總機, 前台, 办公室, 고객센터, 대표, 문의, 예약",
        ),
    ),
)
"""Regions and the words for desks there: a number beside one must be valid, and written as such."""
