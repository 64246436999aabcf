/// The codes of ISO 639-1 and ISO 639-2, both forms of the latter.
enum LanguageTable {
    struct Entry {
        /// ISO 639-2/T, three letters.
        let terminological: String
        /// ISO 639-2/B, three letters: differs from 639-2/T for twenty languages (fre and fra).
        let bibliographic: String
        /// ISO 639-1, two letters, if the language has such a code.
        let short: String?
        let name: String
    }

    static let entries: [Entry] = text.split(separator: ";").compactMap { item in
        let words = item.drop { $0 == "\n" || $0 == " " }.split(separator: " ", maxSplits: 1)
        guard words.count == 2 else { return nil }
        let codes = words[0].split(separator: "/").map(String.init)
        return Entry(
            terminological: codes[0], bibliographic: codes.dropFirst().first { $0.count == 3 } ?? codes[0],
            short: codes.first { $0.count == 2 }, name: String(words[1]))
    }

    /// Every code of the table, of either length, to its entry.
    static let byCode: [String: Entry] = {
        var table: [String: Entry] = [:]
        for entry in entries {
            table[entry.terminological] = entry
            table[entry.bibliographic] = entry
            if let short = entry.short { table[short] = entry }
        }
        return table
    }()

    /// Codes that ISO 639 withdrew, with their replacements.
    private static let formerCodes = [
        "iw": "he", "in": "id", "ji": "yi", "jw": "jv", "mo": "ro", "mol": "ro", "scc": "sr", "scr": "hr",
    ]

    /// The entry of a code, current or withdrawn.
    static func entry(_ code: String) -> Entry? { byCode[code] ?? formerCodes[code].flatMap { byCode[$0] } }

    /// The common names in English, in lower case, to their entries.
    static let byName = Dictionary(entries.map { ($0.name.lowercased(), $0) }, uniquingKeysWith: { first, _ in first })

    /// Country codes and words that people write for a language. Some are also codes of other languages, such as `se`,
    /// Northern Sami. They are used only for "did you mean".
    static let countries = [
        "at": "de", "br": "pt", "by": "be", "cn": "zh", "cz": "cs", "dk": "da", "ee": "et", "gb": "en", "ge": "ka",
        "gr": "el", "il": "he", "ir": "fa", "jp": "ja", "kr": "ko", "mx": "es", "rs": "sr", "se": "sv", "si": "sl",
        "sp": "es", "tw": "zh", "ua": "uk", "uk": "en", "us": "en", "vn": "vi",
    ]

    /// "terminological[/bibliographic][/short] name;" for each of the 486 languages.
    private static let text = """
        aar/aa Afar; abk/ab Abkhazian; ace Achinese; ach Acoli; ada Adangme; ady Adyghe; afa Afro-Asiatic languages;
        afh Afrihili; afr/af Afrikaans; ain Ainu; aka/ak Akan; akk Akkadian; ale Aleut; alg Algonquian languages;
        alt Southern Altai; amh/am Amharic; ang English, Old (ca. 450-1100); anp Angika; apa Apache languages;
        ara/ar Arabic; arc Official Aramaic (700-300 BCE); arg/an Aragonese; arn Mapudungun; arp Arapaho;
        art Artificial languages; arw Arawak; asm/as Assamese; ast Asturian; ath Athapascan languages;
        aus Australian languages; ava/av Avaric; ave/ae Avestan; awa Awadhi; aym/ay Aymara; aze/az Azerbaijani;
        bad Banda languages; bai Bamileke languages; bak/ba Bashkir; bal Baluchi; bam/bm Bambara; ban Balinese;
        bas Basa; bat Baltic languages; bej Beja; bel/be Belarusian; bem Bemba; ben/bn Bangla; ber Berber languages;
        bho Bhojpuri; bih/bh Bihari languages; bik Bikol; bin Bini; bis/bi Bislama; bla Siksika; bnt Bantu (Other);
        bod/tib/bo Tibetan; bos/bs Bosnian; bra Braj; bre/br Breton; btk Batak languages; bua Buriat; bug Buginese;
        bul/bg Bulgarian; byn Blin; cad Caddo; cai Central American Indian languages; car Galibi Carib; cat/ca Catalan;
        cau Caucasian languages; ceb Cebuano; cel Celtic languages; ces/cze/cs Czech; cha/ch Chamorro; chb Chibcha;
        che/ce Chechen; chg Chagatai; chk Chuukese; chm Mari; chn Chinook jargon; cho Choctaw; chp Chipewyan;
        chr Cherokee; chu/cu Church Slavic; chv/cv Chuvash; chy Cheyenne; cmc Chamic languages; cnr Montenegrin;
        cop Coptic; cor/kw Cornish; cos/co Corsican; cpe Creoles and pidgins, English based;
        cpf Creoles and pidgins, French-based; cpp Creoles and pidgins, Portuguese-based; cre/cr Cree;
        crh Crimean Tatar; crp Creoles and pidgins; csb Kashubian; cus Cushitic languages; cym/wel/cy Welsh; dak Dakota;
        dan/da Danish; dar Dargwa; day Land Dayak languages; del Delaware; den Slave (Athapascan); deu/ger/de German;
        dgr Dogrib; din Dinka; div/dv Divehi; doi Dogri; dra Dravidian languages; dsb Lower Sorbian; dua Duala;
        dum Dutch, Middle (ca. 1050-1350); dyu Dyula; dzo/dz Dzongkha; efi Efik; egy Egyptian (Ancient); eka Ekajuk;
        ell/gre/el Greek, Modern (1453-); elx Elamite; eng/en English; enm English, Middle (1100-1500);
        epo/eo Esperanto; est/et Estonian; eus/baq/eu Basque; ewe/ee Ewe; ewo Ewondo; fan Fang; fao/fo Faroese;
        fas/per/fa Persian; fat Fanti; fij/fj Fijian; fil Filipino; fin/fi Finnish; fiu Finno-Ugrian languages; fon Fon;
        fra/fre/fr French; frm French, Middle (ca. 1400-1600); fro French, Old (842-ca. 1400); frr Northern Frisian;
        frs Eastern Frisian; fry/fy Western Frisian; ful/ff Fulah; fur Friulian; gaa Ga; gay Gayo; gba Gbaya;
        gem Germanic languages; gez Geez; gil Gilbertese; gla/gd Gaelic; gle/ga Irish; glg/gl Galician; glv/gv Manx;
        gmh German, Middle High (ca. 1050-1500); goh German, Old High (ca. 750-1050); gon Gondi; gor Gorontalo;
        got Gothic; grb Grebo; grc Greek, Ancient (to 1453); grn/gn Guarani; gsw Swiss German; guj/gu Gujarati;
        gwi Gwich'in; hai Haida; hat/ht Haitian; hau/ha Hausa; haw Hawaiian; heb/he Hebrew; her/hz Herero;
        hil Hiligaynon; him Himachali languages; hin/hi Hindi; hit Hittite; hmn Hmong; hmo/ho Hiri Motu;
        hrv/hr Croatian; hsb Upper Sorbian; hun/hu Hungarian; hup Hupa; hye/arm/hy Armenian; iba Iban; ibo/ig Igbo;
        ido/io Ido; iii/ii Sichuan Yi; ijo Ijo languages; iku/iu Inuktitut; ile/ie Interlingue; ilo Iloko;
        ina/ia Interlingua (International Auxiliary Language Association); inc Indic languages; ind/id Indonesian;
        ine Indo-European languages; inh Ingush; ipk/ik Inupiaq; ira Iranian languages; iro Iroquoian languages;
        isl/ice/is Icelandic; ita/it Italian; jav/jv Javanese; jbo Lojban; jpn/ja Japanese; jpr Judeo-Persian;
        jrb Judeo-Arabic; kaa Kara-Kalpak; kab Kabyle; kac Kachin; kal/kl Kalaallisut; kam Kamba; kan/kn Kannada;
        kar Karen languages; kas/ks Kashmiri; kat/geo/ka Georgian; kau/kr Kanuri; kaw Kawi; kaz/kk Kazakh;
        kbd Kabardian; kha Khasi; khi Khoisan languages; khm/km Central Khmer; kho Khotanese; kik/ki Kikuyu;
        kin/rw Kinyarwanda; kir/ky Kirghiz; kmb Kimbundu; kok Konkani; kom/kv Komi; kon/kg Kongo; kor/ko Korean;
        kos Kosraean; kpe Kpelle; krc Karachay-Balkar; krl Karelian; kro Kru languages; kru Kurukh; kua/kj Kuanyama;
        kum Kumyk; kur/ku Kurdish; kut Kutenai; lad Ladino; lah Lahnda; lam Lamba; lao/lo Lao; lat/la Latin;
        lav/lv Latvian; lez Lezghian; lim/li Limburgan; lin/ln Lingala; lit/lt Lithuanian; lol Mongo; loz Lozi;
        ltz/lb Luxembourgish; lua Luba-Lulua; lub/lu Luba-Katanga; lug/lg Ganda; lui Luiseno; lun Lunda;
        luo Luo (Kenya and Tanzania); lus Lushai; mad Madurese; mag Magahi; mah/mh Marshallese; mai Maithili;
        mak Makasar; mal/ml Malayalam; man Mandingo; map Austronesian languages; mar/mr Marathi; mas Masai; mdf Moksha;
        mdr Mandar; men Mende; mga Irish, Middle (900-1200); mic Mi'kmaq; min Minangkabau; mis Uncoded languages;
        mkd/mac/mk Macedonian; mkh Mon-Khmer languages; mlg/mg Malagasy; mlt/mt Maltese; mnc Manchu; mni Manipuri;
        mno Manobo languages; moh Mohawk; mon/mn Mongolian; mos Mossi; mri/mao/mi Maori; msa/may/ms Malay;
        mul Multiple languages; mun Munda languages; mus Creek; mwl Mirandese; mwr Marwari; mya/bur/my Burmese;
        myn Mayan languages; myv Erzya; nah Nahuatl languages; nai North American Indian languages; nap Neapolitan;
        nau/na Nauru; nav/nv Navajo; nbl/nr Ndebele, South; nde/nd Ndebele, North; ndo/ng Ndonga; nds Low German;
        nep/ne Nepali; new Nepal Bhasa; nia Nias; nic Niger-Kordofanian languages; niu Niuean; nld/dut/nl Dutch;
        nno/nn Norwegian Nynorsk; nob/nb Bokmål, Norwegian; nog Nogai; non Norse, Old; nor/no Norwegian; nqo N'Ko;
        nso Pedi; nub Nubian languages; nwc Classical Newari; nya/ny Chichewa; nym Nyamwezi; nyn Nyankole; nyo Nyoro;
        nzi Nzima; oci/oc Occitan (post 1500); oji/oj Ojibwa; ori/or Oriya; orm/om Oromo; osa Osage; oss/os Ossetian;
        ota Turkish, Ottoman (1500-1928); oto Otomian languages; paa Papuan languages; pag Pangasinan; pal Pahlavi;
        pam Pampanga; pan/pa Panjabi; pap Papiamento; pau Palauan; peo Persian, Old (ca. 600-400 B.C.);
        phi Philippine languages; phn Phoenician; pli/pi Pali; pol/pl Polish; pon Pohnpeian; por/pt Portuguese;
        pra Prakrit languages; pro Provençal, Old (to 1500); pus/ps Pushto; que/qu Quechua; raj Rajasthani; rap Rapanui;
        rar Rarotongan; roa Romance languages; roh/rm Romansh; rom Romany; ron/rum/ro Romanian; run/rn Rundi;
        rup Aromanian; rus/ru Russian; sad Sandawe; sag/sg Sango; sah Yakut; sai South American Indian (Other);
        sal Salishan languages; sam Samaritan Aramaic; san/sa Sanskrit; sas Sasak; sat Santali; scn Sicilian; sco Scots;
        sel Selkup; sem Semitic languages; sga Irish, Old (to 900); sgn Sign Languages; shn Shan; sid Sidamo;
        sin/si Sinhala; sio Siouan languages; sit Sino-Tibetan languages; sla Slavic languages; slk/slo/sk Slovak;
        slv/sl Slovenian; sma Southern Sami; sme/se Northern Sami; smi Sami languages; smj Lule Sami; smn Inari Sami;
        smo/sm Samoan; sms Skolt Sami; sna/sn Shona; snd/sd Sindhi; snk Soninke; sog Sogdian; som/so Somali;
        son Songhai languages; sot/st Sotho, Southern; spa/es Spanish; sqi/alb/sq Albanian; srd/sc Sardinian;
        srn Sranan Tongo; srp/sr Serbian; srr Serer; ssa Nilo-Saharan languages; ssw/ss Swati; suk Sukuma;
        sun/su Sundanese; sus Susu; sux Sumerian; swa/sw Swahili; swe/sv Swedish; syc Classical Syriac; syr Syriac;
        tah/ty Tahitian; tai Tai languages; tam/ta Tamil; tat/tt Tatar; tel/te Telugu; tem Timne; ter Tereno; tet Tetum;
        tgk/tg Tajik; tgl/tl Tagalog; tha/th Thai; tig Tigre; tir/ti Tigrinya; tiv Tiv; tkl Tokelau; tlh Klingon;
        tli Tlingit; tmh Tamashek; tog Tonga (Nyasa); ton/to Tonga (Tonga Islands); tpi Tok Pisin; tsi Tsimshian;
        tsn/tn Tswana; tso/ts Tsonga; tuk/tk Turkmen; tum Tumbuka; tup Tupi languages; tur/tr Turkish;
        tut Altaic languages; tvl Tuvalu; twi/tw Twi; tyv Tuvinian; udm Udmurt; uga Ugaritic; uig/ug Uighur;
        ukr/uk Ukrainian; umb Umbundu; und Undetermined; urd/ur Urdu; uzb/uz Uzbek; vai Vai; ven/ve Venda;
        vie/vi Vietnamese; vol/vo Volapük; vot Votic; wak Wakashan languages; wal Walamo; war Waray; was Washo;
        wen Sorbian languages; wln/wa Walloon; wol/wo Wolof; xal Kalmyk; xho/xh Xhosa; yao Yao; yap Yapese;
        yid/yi Yiddish; yor/yo Yoruba; ypk Yupik languages; zap Zapotec; zbl Blissymbols; zen Zenaga;
        zgh Standard Moroccan Tamazight; zha/za Zhuang; zho/chi/zh Chinese; znd Zande languages; zul/zu Zulu; zun Zuni;
        zxx No linguistic content; zza Zaza;
        """
}
