"""The texts of the sample documents: all that `render.py` draws and expects, and no layout.

Names, addresses and figures are invented; telephone numbers are from ranges kept for fiction.
Amounts are whole pence or cents. A `Row` is one visual row, a cell to each string; an empty row is
a gap between paragraphs.
"""

Row = tuple[str, ...]

VAT_PERCENT = 20

INVOICE_HEAD: list[Row] = [
    ("Northgate Paper Company",),
    ("14 Canal Street, Millbrook MB2 7QT",),
    ("Telephone 01632 960 014",),
]
INVOICE_FACTS: list[Row] = [
    ("Invoice number", "Invoice date", "Due date", "Customer"),
    ("NP-2025-0418", "6 May 2025", "5 June 2025", "C-20937"),
]
INVOICE_ADDRESS: list[Row] = [
    ("Bill to",),
    ("Harriet Lindqvist",),
    ("Alder & Finch Bookshop",),
    ("27 Market Square",),
    ("Eastwick EW5 3HN",),
]
INVOICE_HEADER: Row = ("Description", "Quantity", "Unit price", "Amount")
INVOICE_ITEMS = [  # description, quantity, unit price in pence
    ("Copy paper A4, 80 g, box of 5 reams", 12, 2195),
    ("Kraft wrapping paper, 50 m roll", 6, 1840),
    ("Padded envelopes C5, pack of 100", 4, 3275),
    ("Gift cards, assorted, set of 25", 10, 1490),
    ("Paper bags with handles, medium", 800, 22),
    ("Receipt rolls 80 mm, box of 20", 3, 2650),
    ("Delivery and handling", 1, 1250),
]
INVOICE_FOOT: list[Row] = [
    ("Please pay within 30 days by bank transfer and quote the invoice number.",),
    ("Millbrook Savings Bank, account 4401 7729, sort code 20-45-18",),
    ("Thank you for your business.",),
]

RECEIPT_HEAD: list[Row] = [
    ("CORNER GROCER",),
    ("8 Station Road, Eastwick",),
    ("Tel. 01632 960 077",),
]
RECEIPT_FACTS: list[Row] = [("14/05/2025 17:42", "Till 03"), ("Receipt 118204", "Cashier Dana")]
RECEIPT_ITEMS = [  # description, price in pence
    ("Wholemeal bread", 245),
    ("Semi-skimmed milk 2L", 189),
    ("Free range eggs x12", 320),
    ("Cheddar mature 400g", 415),
    ("Bananas 1.18 kg", 142),
    ("Tomatoes on the vine", 210),
    ("Ground coffee 250g", 495),
    ("Olive oil 500 ml", 675),
]
RECEIPT_PAID_PENCE = 3000
RECEIPT_FOOT: list[Row] = [("Thank you for shopping",), ("Please keep this receipt",)]

SIGN_BOARD = [("HARBOUR LANE", 128), ("BAKERY & COFFEE", 84), ("Fresh bread since 1987", 58)]
SIGN_HOURS = [("OPEN DAILY", 62), ("7:00 - 18:00", 56)]

CHINESE_NOTICE: list[Row] = [
    ("城市图书馆读者指南",),
    ("欢迎来到城市图书馆。本馆藏书约三十万册，并设有",),
    ("儿童阅览室、报刊阅览室和自习室。",),
    ("首次借书时，请携带身份证到一楼服务台办理读者证。",),
    ("每位读者最多可以借阅十本图书，借期为三十天，到期",),
    ("前可以续借一次。阅览室内请保持安静。",),
    ("开放时间", "星期二至星期日", "9:00-20:00"),
    ("咨询电话", "服务台", "0471-55-0123"),
]
JAPANESE_NOTICE: list[Row] = [
    ("市立図書館のご案内",),
    ("市立図書館へようこそ。当館には約三十万冊の本があり、",),
    ("児童室、新聞コーナー、学習室もご利用いただけます。",),
    ("本を借りるには、一階のカウンターで利用カードをお作り",),
    ("ください。一人十冊まで、三十日間借りることができます。",),
    ("館内での飲食はご遠慮ください。",),
    ("開館時間", "火曜日から日曜日", "9:00-20:00"),
    ("電話番号", "総合案内", "0471-55-0123"),
]

STORY_TITLE = "朝の港町"
STORY = [
    "夜が明けるころ、港の町はまだ静かだった。波の音だけが、石の岸に寄せては返していた。"
    "古い灯台の白い壁に、うすい光がゆっくりと広がっていく。",
    "「おはよう。今日はいい風だね」",
    "魚屋の主人が、店の戸を開けながら声をかけた。少年は小さくうなずき、濡れた縄を巻きは"
    "じめた。父の船は、もうすぐ沖から帰ってくるはずだ。",
    "空には鳥が三羽、輪を描いて飛んでいた。坂の上の学校の鐘が鳴り、パン屋から甘い香りが"
    "流れてくる。町はこうして、いつもの一日を始めるのだった。",
    "少年は海を見つめた。遠くに、小さな帆が見えた。白い点はしだいに大きくなり、やがて父"
    "の笑う顔まではっきりと分かるようになった。",
    "「お帰りなさい」と、少年は大きな声で呼んだ。",
]

FORM_TITLE: list[Row] = [
    ("Eastwick Public Library",),
    ("Application for a Reader's Card",),
    ("Please complete in block letters or type. All fields are required.",),
]
FORM_SECTIONS: list[tuple[str, list[Row]]] = [
    (
        "1. Applicant",
        [
            ("Family name", "OKAFOR", "Given name", "MIRIAM JANE"),
            ("Date of birth", "23 August 1991", "Nationality", "Irish"),
            ("Occupation", "Civil engineer", "Card type", "Adult"),
        ],
    ),
    (
        "2. Address",
        [
            ("Street", "52 Orchard Terrace", "Flat", "4B"),
            ("Town", "Eastwick", "Postcode", "EW2 8LD"),
            ("Telephone", "01632 960 188", "Mobile", "07700 900 461"),
        ],
    ),
    (
        "3. For office use",
        [
            ("Card number", "0071 4485", "Branch", "Central"),
            ("Issued on", "2 June 2025", "Valid until", "1 June 2028"),
        ],
    ),
]
FORM_FOOT: list[Row] = [
    ("I agree to follow the rules of the library and to report a lost card.",),
    ("Place and date", "Eastwick, 2 June 2025"),
]

MINUTES_HEAD: list[Row] = [
    ("MILLBROOK HISTORICAL SOCIETY",),
    ("Minutes of the meeting held on 14 March 1978",),
]
MINUTES: list[Row] = [
    ("The chairman opened the meeting at half past seven and",),
    ("welcomed twenty-three members and two guests.",),
    (),
    ("1. The minutes of the February meeting were read and",),
    ("approved without changes.",),
    (),
    ("2. Mr Harlow reported on the old mill. The roof needs",),
    ("repair before next winter, and the owner has offered to",),
    ("pay half of the cost. An estimate of 640 pounds has been",),
    ("received from a builder in Eastwick.",),
    (),
    ("3. Mrs Pemberton showed eleven photographs of the canal,",),
    ("taken between 1902 and 1911. It was agreed that copies",),
    ("should be made for the county archive.",),
    (),
    ("4. The summer excursion will go to Fenwick Abbey on",),
    ("Saturday, 17 June. The coach leaves the market square at",),
    ("nine o'clock. Members should give their names to the",),
    ("secretary by the end of May.",),
    (),
    ("The meeting closed at a quarter past nine.",),
]
MINUTES_FOOT: list[Row] = [("E. Whitcombe, Secretary",)]

TABLE_HEAD: list[Row] = [
    ("Timber Price List, Spring 2025",),
    ("Prices in euros per metre, valid from 1 March to 31 May",),
]
TABLE_HEADER: Row = ("Code", "Product", "Width mm", "Depth mm", "Net", "VAT 20%", "Gross")
TABLE_ITEMS = [  # code, product, width and depth in millimetres, net price in cents
    ("T-101", "Pine batten", 38, 19, 115),
    ("T-104", "Pine stud", 89, 38, 320),
    ("T-110", "Larch decking", 144, 28, 685),
    ("T-118", "Spruce rafter", 147, 47, 540),
    ("T-203", "Oak board", 200, 25, 2450),
    ("T-207", "Oak beam", 150, 150, 6895),
    ("T-215", "Ash plank", 180, 32, 1975),
    ("T-302", "Birch plywood", 300, 18, 1230),
    ("T-306", "Beech worktop", 620, 40, 8760),
    ("T-411", "Cedar cladding", 125, 16, 945),
]
