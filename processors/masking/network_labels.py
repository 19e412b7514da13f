"""Words beside the addresses of machines, and beside numbers that only look so."""

from processors.masking.labels import labels

_IP_WORDS = (
    "ip, ips, ipv4, ipv6, ip ?v4, ip ?v6, ip ?adr[a-z]*, ip ?add[a-z]*",
    "ip(?=アドレス|地址|주소)[^0-9]{2,4}, inet6?, addr",
)

IP_NAMES = labels(*_IP_WORDS)
"""Say address: what is parted by commas or blanks needs one of them."""

IP_LABELS = labels(
    *_IP_WORDS,
    "server, host, hostname, gateway, gw, dns ?[12]?",
    "name ?server, ntp, dhcp, proxy, vpn, wan, lan, nat, client, peer, router, switch, firewall",
    "access point, nas, node, endpoint, remote, remote ?(?:addr[a-z]*|host|ip), src, dst, source",
    "dest[a-z]*, ping, tracert, ssh, rdp, telnet, login, log ?in from",
    "logged in from, connect(?:ed|ion) from, forwarded for, anmeldung von, zugriff von",
    "passerelle, puerta de enlace, bramka, standardgateway, serveur, servidor, serwer, palvelin",
    "sunucu, сервер, шлюз, サーバー?, ゲートウェイ, 服务器, 网关, 서버",
)

VERSION_LABELS = labels(
    "v, ver, vers, version, versions, versi[a-z]{1,5}, vers[a-z]{1,5}, wersj[aei], verze",
    "verzi[aóo], sürüm, έκδοση, верси[яию], версі[яїю], release, released, rel, rev, revision",
    "build, firmware, fw, patched, hotfix, package, art n[or], artikel ?n[or], article n[or]",
    "part n[or], teile ?n[or], material ?n[or], sku, oid",
    "バージョン, ファームウェア, 版本, 固件, 버전",
)
"""Versions, and articles of a price list."""

PROGRAM_LABELS = labels(
    "hw, hardware, driver, drivers, treiber, pilote, controlador, sterownik",
    "software, sw, logiciel, programm, program, app, application, plug ?in, module?, modul",
    "add ?on, library, lib, sdk, api, runtime, framework, dll, bios, uefi, kernel, os, image",
    "tool, tools, suite, agent, reader, office, java, packages, paket, pakete, paquete?",
    "pacote, pacchetto, pakiet, patch, fix, update[ds]?, upgrade[ds]?, upgrading",
    "downgrade[ds]?, installed, install[a-z]*, mise a jour, actualización, aggiornamento",
    "aktualisiert, aktualisierung, aktualizac[a-z]{1,3}, replaced, replaced by, superseded",
    "ersetzt, ersetzt durch, remplac[a-z]*, current, latest, available, minimum, required",
    "requires, supported, compatible, min, ab, section, sections, sect, sec, edition, abschnitt",
    "chapter, kapitel, chapitre, capítulo, capitolo, clause, clauses, paragraph, ziffer",
    "absatz, anhang, appendix, annex, annexe, table, fig, figure, tabelle, abb, §, article",
    "articles, art, artikel, artículo, articolo, item, part, teil",
    "pos, position, mat, katalog, catalog, schema, norm, standard",
)
"""What has versions, outlines or articles, and addresses as well."""

_MAC_WORDS = (
    "mac, macs, mac ?add[a-z]*, mac ?adr[a-z]*, mac ?id, base mac",
    "mac(?=アドレス|地址|주소)[^0-9]{2,4}, bd ?addr[a-z]*, bt ?addr[a-z]*, bssid, bssids, eui",
    "eui 48, hw ?addr[a-z]*, hw ?address, ll ?addr, hardware ?add[a-z]*, chaddr",
    "station id, link addr[a-z]*, physical ?addr[a-z]*, physikalische adresse, physische adresse",
    "adresse physique, adresse matérielle, dirección física, indirizzo fisico",
    "endereço físico, fysiek adres, adres fizyczny, fyzická adresa, fizikai cím",
    "fysis[ck]k? adresse?, fyysinen osoite, fiziksel adres, φυσική διεύθυνση",
    "физический адрес, фізична адреса, 物理アドレス, 物理地址",
)

MAC_NAMES = labels(*_MAC_WORDS)
"""Say address: what is parted by blanks needs one of them."""

MAC_LABELS = labels(
    *_MAC_WORDS,
    "ethernet, ether, eth ?[0-9]?, wlan ?[0-9]?, wi ?fi, lan ?[0-9]?, nic",
    "en[ops][0-9a-z]{1,6}, bluetooth, physical, client ?id",
)
