"""A few sentences in many languages, of our own making, and the encodings that such texts were kept in."""

from __future__ import annotations

SENTENCES = {
    "de": (
        "Für die Mädchen war es schön, über Nacht zu bleiben. Größe und Übermut, sagte der Vater, "
        "gehören nicht zusammen; draußen fiel der erste Schnee auf die Dächer, und die Straße lag still. "
        "»Komm zurück«, rief er, aber niemand hörte ihn. Später saßen sie in der Küche und aßen Äpfel."
    ),
    "fr": (
        "Le garçon était assis près de la fenêtre et regardait la forêt. « Où vas-tu ? » demanda sa "
        "mère, inquiète déjà. Il n’a pas répondu : la lumière s’éteignait, l’été finissait, et çà et là "
        "une feuille tombait. À l’école on lui avait dit que les rêves s’oublient."
    ),
    "es": (
        "El niño miró por la ventana y vio que el año había terminado. ¿Adónde vas?, preguntó su madre. "
        "Él no contestó; la lluvia caía sobre los árboles, y mañana, según decían, sería otro día. ¡Qué "
        "difícil es decir adiós! Después salió al jardín."
    ),
    "pt": (
        "O menino não sabia o que era a solidão até àquela manhã. A mãe disse-lhe que o coração é um "
        "órgão paciente; ele saiu, atravessou a ponte e não voltou. As estações passaram, há três anos "
        "que ninguém lê as canções dele. É assim, disse o avô."
    ),
    "it": (
        "La città era già buia quando arrivò il treno. Perché non hai scritto? chiese lei. Lui non "
        "rispose; più tardi, però, disse la verità: non c'era né carta né inchiostro, e così la libertà "
        "gli era parsa inutile. Lunedì tornò a casa."
    ),
    "sv": (
        "Pojken gick längs ån och såg på stjärnorna. Är du där? frågade hon. Han svarade inte, för snön "
        "låg djup över ängarna och ingen hörde något. Efteråt satt de i köket och åt äpplen, medan "
        "kvällen blev mörkare och östanvinden tog fart."
    ),
    "da": (
        "Drengen gik langs åen og så på stjernerne. Er du dér? spurgte hun. Han svarede ikke, for sneen "
        "lå dyb over engene, og ingen hørte noget. Bagefter sad de i køkkenet og spiste æbler, mens "
        "aftenen blev mørkere. Øen lå stille."
    ),
    "fi": (
        "Poika käveli jokea pitkin ja katseli tähtiä. Oletko siellä? hän kysyi. Äiti ei vastannut, sillä "
        "lumi oli syvää eikä kukaan kuullut mitään. Myöhemmin he istuivat keittiössä ja söivät omenoita, "
        "kun ilta pimeni ja itätuuli nousi. Hän näki yön."
    ),
    "is": (
        "Drengurinn gekk með ánni og horfði á stjörnurnar. Ertu þarna? spurði hún. Hann svaraði ekki, "
        "því að snjórinn lá djúpur yfir engjunum og enginn heyrði neitt. Síðan sátu þau í eldhúsinu og "
        "borðuðu epli á meðan kvöldið varð dimmara. Það var þá."
    ),
    "nl": (
        "De jongen liep langs de rivier en keek naar de sterren. Ben je daar? vroeg zij. Hij gaf geen "
        "antwoord; de coördinatie van het feest vond hij één groot raadsel, een hiërarchie van ooms. "
        "Later aten ze crème brûlée, en ’s avonds werd het weer stil."
    ),
    "pl": (
        "Chłopiec szedł wzdłuż rzeki i patrzył na gwiazdy. Gdzie jesteś? zapytała matka. Nie "
        "odpowiedział, bo śnieg leżał głęboko na łąkach i nikt nic nie słyszał. Później siedzieli w "
        "kuchni i jedli jabłka, a wieczór robił się coraz ciemniejszy. Żółć, pomyślał, źródło."
    ),
    "cs": (
        "Na jaře napsal dlouhý dopis o snu, který viděl. Ráno ho spálil. Žluťoučký kůň příliš úpěl "
        "ďábelské ódy, říkala matka, když se ptal, kde je otec. Později seděli v kuchyni a jedli jablka, "
        "zatímco večer temněl a vítr se zvedal. Nikdo neslyšel nic."
    ),
    "sk": (
        "Chlapec kráčal popri rieke a díval sa na hviezdy. Kde si? spýtala sa matka. Neodpovedal, lebo "
        "sneh ležal hlboko na lúkach a nikto nič nepočul. Neskôr sedeli v kuchyni a jedli jablká, kým "
        "večer tmavol a vietor silnel. Ľudia hovorili, že dážď príde."
    ),
    "hu": (
        "A fiú a folyó mentén sétált, és a csillagokat nézte. Hol vagy? kérdezte az anyja. Nem "
        "válaszolt, mert a hó mélyen feküdt a réteken, és senki sem hallott semmit. Később a konyhában "
        "ültek, almát ettek, és az este egyre sötétebb lett. Őszi szél fújt, hűvös idő."
    ),
    "ro": (
        "Băiatul mergea de-a lungul râului şi privea stelele. Unde eşti? a întrebat mama. N-a răspuns, "
        "căci zăpada era adâncă pe câmpii şi nimeni n-a auzit nimic. Mai târziu au stat în bucătărie şi "
        "au mâncat mere, în timp ce seara se întuneca."
    ),
    "hr": (
        "Dječak je hodao uz rijeku i gledao zvijezde. Gdje si? upitala je majka. Nije odgovorio, jer je "
        "snijeg ležao duboko na livadama i nitko ništa nije čuo. Kasnije su sjedili u kuhinji i jeli "
        "jabuke, dok je večer postajala sve tamnija. Šuma je šutjela, đak je čitao."
    ),
    "tr": (
        "Çocuk ırmak boyunca yürüdü ve yıldızlara baktı. Neredesin? diye sordu annesi. Cevap vermedi, "
        "çünkü kar çayırlarda derindi ve kimse bir şey duymadı. Sonra mutfakta oturup elma yediler, "
        "akşam gittikçe kararıyordu. İlk ışık göründüğünde rüzgâr çıktı; öğleden önce."
    ),
    "lt": (
        "Berniukas ėjo palei upę ir žiūrėjo į žvaigždes. Kur tu esi? paklausė motina. Jis neatsakė, nes "
        "sniegas pievose buvo gilus ir niekas nieko negirdėjo. Vėliau jie sėdėjo virtuvėje ir valgė "
        "obuolius, o vakaras darėsi vis tamsesnis. Šąla, pasakė jis, ūkanos kyla."
    ),
    "lv": (
        "Zēns gāja gar upi un skatījās zvaigznēs. Kur tu esi? jautāja māte. Viņš neatbildēja, jo sniegs "
        "pļavās bija dziļš un neviens neko nedzirdēja. Vēlāk viņi sēdēja virtuvē un ēda ābolus, kamēr "
        "vakars kļuva arvien tumšāks. Ķēniņš ņēma šķīvi, ģimene klusēja."
    ),
    "et": (
        "Poiss kõndis mööda jõge ja vaatas tähti. Kus sa oled? küsis ema. Ta ei vastanud, sest lumi oli "
        "aasadel sügav ja keegi ei kuulnud midagi. Hiljem istusid nad köögis ja sõid õunu, samal ajal "
        "kui õhtu pimenes. Öö tuli vaikselt üle põldude."
    ),
    "ru": (
        "Мальчик шёл вдоль реки и смотрел на звёзды. Где ты? спросила мать. Он не ответил, потому что "
        "снег лежал глубоко на лугах и никто ничего не слышал. Потом они сидели на кухне и ели яблоки, а "
        "вечер становился всё темнее."
    ),
    "uk": (
        "Хлопець ішов уздовж річки й дивився на зорі. Де ти? запитала мати. Він не відповів, бо сніг "
        "лежав глибоко на луках і ніхто нічого не чув. Потім вони сиділи на кухні та їли яблука, а вечір "
        "ставав дедалі темнішим. Її голос стих, ґанок спорожнів."
    ),
    "bg": (
        "Момчето вървеше край реката и гледаше звездите. Къде си? попита майка му. То не отговори, "
        "защото снегът лежеше дълбоко по ливадите и никой не чуваше нищо. По-късно седяха в кухнята и "
        "ядяха ябълки, докато вечерта притъмняваше."
    ),
    "el": (
        "Το αγόρι περπατούσε δίπλα στο ποτάμι και κοιτούσε τα άστρα. Πού είσαι; ρώτησε η μητέρα. Δεν "
        "απάντησε, γιατί το χιόνι ήταν βαθύ στα λιβάδια και κανείς δεν άκουγε τίποτα. Αργότερα κάθισαν "
        "στην κουζίνα και έφαγαν μήλα, ενώ το βράδυ σκοτείνιαζε."
    ),
    "he": (
        "הילד הלך לאורך הנהר והביט בכוכבים. איפה אתה? שאלה אמו. הוא לא ענה, כי השלג היה עמוק באחו ואיש "
        "לא שמע דבר. אחר כך ישבו במטבח ואכלו תפוחים, והערב הלך והחשיך."
    ),
    "ar": (
        "مشى الولد على طول النهر ونظر إلى النجوم. أين أنت؟ سألت أمه. لم يجب، لأن الثلج كان عميقا في "
        "المروج ولم يسمع أحد شيئا. ثم جلسوا في المطبخ وأكلوا التفاح، وأصبح المساء أكثر ظلمة."
    ),
    "th": (
        "เด็กชายเดินไปตามแม่น้ำและมองดูดวงดาว เธออยู่ที่ไหน แม่ถาม เขาไม่ตอบ เพราะหิมะหนาอยู่บนทุ่งหญ้า "
        "และไม่มีใครได้ยินอะไรเลย ต่อมาพวกเขานั่งในครัวและกินแอปเปิล"
    ),
    "ja": (
        "春の夜の夢のことを書いた長い文章がここにある。朝になって、彼はそれを焼いた。雨が降った。少年は川に沿"
        "って歩き、星を見上げた。「どこにいるの」と母がたずねた。彼は答えなかった。雪が深く積もっていて、だれ"
        "も何も聞かなかったからだ。"
    ),
    "zh": (
        "男孩沿着河边走，望着星星。你在哪里？母亲问。他没有回答，因为草地上的雪很深，谁也没有听见什么。后来他"
        "们坐在厨房里吃苹果，夜色越来越暗。春天的梦很长，早晨他把信烧了。"
    ),
    "zt": (
        "男孩沿著河邊走，望著星星。你在哪裡？母親問。他沒有回答，因為草地上的雪很深，誰也沒有聽見什麼。後來他"
        "們坐在廚房裡吃蘋果，夜色越來越暗。春天的夢很長，早晨他把信燒了。"
    ),
    "ko": (
        "소년은 강을 따라 걸으며 별을 바라보았다. 어디 있니? 어머니가 물었다. 그는 대답하지 않았다. 풀밭에 눈이 깊이 쌓여 아무도 아무것도 듣지 못했기 때문이다. 나중에 "
        "그들은 부엌에 앉아 사과를 먹었고 저녁은 점점 어두워졌다."
    ),
    "en": (
        "The boy walked along the river and looked at the stars. “Where are you?” asked his mother – he "
        "didn’t answer. It was the café’s last day… naïve, he thought, and 5° outside. Later they sat in "
        "the kitchen and ate apples, while the evening grew darker."
    ),
}
_WESTERN = ("cp1252", "mac_roman", "cp850")
ENCODINGS = {
    "de": _WESTERN,
    "fr": _WESTERN,
    "es": _WESTERN,
    "pt": _WESTERN,
    "it": _WESTERN,
    "sv": _WESTERN,
    "da": _WESTERN,
    "fi": _WESTERN,
    "nl": _WESTERN,
    "en": ("cp1252", "mac_roman"),
    "is": ("cp1252", "cp850"),
    "pl": ("cp1250", "iso8859_2", "cp852", "mac_latin2"),
    "cs": ("cp1250", "iso8859_2", "cp852", "mac_latin2"),
    "sk": ("cp1250", "iso8859_2", "cp852"),
    "hu": ("cp1250", "iso8859_2", "cp852"),
    "ro": ("cp1250", "iso8859_2"),
    "hr": ("cp1250", "iso8859_2", "cp852"),
    "tr": ("cp1254", "iso8859_9", "cp857", "mac_turkish"),
    "lt": ("cp1257", "iso8859_13"),
    "lv": ("cp1257", "iso8859_13"),
    "et": ("cp1257", "cp1252"),
    "ru": ("cp1251", "koi8_r", "cp866", "iso8859_5", "mac_cyrillic"),
    "uk": ("cp1251", "koi8_u", "mac_cyrillic"),
    "bg": ("cp1251", "cp866", "iso8859_5"),
    "el": ("cp1253", "iso8859_7", "cp737", "mac_greek"),
    "he": ("cp1255", "cp862"),
    "ar": ("cp1256", "iso8859_6"),
    "th": ("cp874",),
    "ja": ("cp932", "euc_jp", "iso2022_jp"),
    "zh": ("gbk", "gb18030", "hz"),
    "zt": ("big5", "gbk"),
    "ko": ("cp949", "iso2022_kr"),
}
