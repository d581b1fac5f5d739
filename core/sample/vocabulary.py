"""The words the sample is made of: every person, site and service is invented.

Titles are put together from bilingual parts; the classics are in the public domain.
Domains end in `.example`, which nobody can own.
"""


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    """Read `中文 English words; …` into pairs."""
    entries = (entry.split(maxsplit=1) for entry in text.split(";"))
    return tuple((chinese, " ".join(english.split())) for chinese, english in entries)


def _table(text: str) -> tuple[tuple[str, str, str], ...]:
    """Read lines of three columns apart by `|`."""
    rows = (line.split("|") for line in text.strip().splitlines())
    return tuple((first, second, third) for first, second, third in rows)


THINGS = _pairs("""
灯塔 Lighthouse; 盐田 Salt Field; 渡口 Ferry; 邮差 Postman; 鲸鱼 Whale; 风筝 Kite;
铁路 Railway; 果园 Orchard; 钟楼 Bell Tower; 星图 Star Chart; 棋局 Chess Game;
信箱 Letterbox; 候鸟 Migrant Bird; 茶馆 Teahouse; 雨伞 Umbrella; 码头 Quay; 唱片 Record;
温室 Glasshouse; 望远镜 Telescope; 纸船 Paper Boat; 档案 Archive; 火车站 Station;
雪山 Snow Mountain; 剧院 Theatre; 地图 Map; 照相馆 Photo Studio; 金鱼 Goldfish;
罗盘 Compass; 磨坊 Mill; 书店 Bookshop; 潮汐 Tide; 旅店 Inn; 迷宫 Labyrinth;
天文台 Observatory; 手风琴 Accordion; 石桥 Stone Bridge; 影子 Shadow; 邻居 Neighbour;
种子 Seed; 玻璃 Glass; 山谷 Valley; 群岛 Archipelago; 广播 Broadcast; 沙丘 Dune;
花房 Flower House; 老虎 Tiger; 蜂箱 Beehive; 航线 Sea Lane; 密码 Cipher; 河流 River;
面包房 Bakery; 月台 Platform; 水塔 Water Tower; 狐狸 Fox; 羊群 Flock; 木偶 Puppet;
指南针 Needle; 气球 Balloon; 时差 Time Difference; 梯子 Ladder; 马戏团 Circus;
候车室 Waiting Room; 彗星 Comet; 石榴 Pomegranate; 雾 Fog; 井 Well; 灯笼 Lantern
""")
QUALITIES = _pairs("""
长夜 Long Night; 寂静 Silent; 隐秘 Hidden; 遥远 Distant; 漂浮 Floating;
蓝色 Blue; 破碎 Broken; 明亮 Bright; 无名 Nameless; 缓慢 Slow; 漫长 Endless; 失落 Lost;
温柔 Gentle; 倒置 Upside-Down; 透明 Clear; 沉睡 Sleeping; 空白 Blank; 最后 Last;
金色 Golden; 陌生 Strange; 迟到 Late; 北方 Northern; 秘密 Secret; 红色 Red;
平凡 Ordinary; 深海 Deep-Sea; 冬日 Winter; 夏日 Summer; 永恒 Eternal
""")
PLACES = _pairs("""
云溪 Cloudbrook; 白鹭洲 Egret Island; 南巷 South Lane; 北窗 North Window;
雾港 Fog Harbour; 青石镇 Bluestone; 盐田镇 Saltmere; 第九街 Ninth Street;
半山 Midhill; 月亮湾 Moon Bay; 长河 Long River; 旧城 Old Town; 松林 Pinewood;
雪线 the Snow Line; 三号站台 Platform Three; 芦苇荡 the Reeds; 西岭 West Ridge;
星落原 Starfall Plain
""")
JOBS = _pairs("""
制图师 Cartographer; 钟表匠 Clockmaker; 守林人 Forester; 裁缝 Tailor; 领航员 Pilot;
调音师 Piano Tuner; 档案员 Archivist; 渔夫 Fisherman; 侦探 Detective; 园丁 Gardener;
厨师 Cook; 医生 Doctor; 气象员 Weatherman; 放映员 Projectionist; 修书人 Bookbinder
""")
TITLE_PATTERNS = (
    ("{quality}的{thing}", "The {Quality} {Thing}"),
    ("{place}的{thing}", "The {Thing} of {Place}"),
    ("{thing}与{other}", "The {Thing} and the {Other}"),
    ("{job}与{thing}", "The {Job} and the {Thing}"),
    ("寻找{quality}的{thing}", "Looking for the {Quality} {Thing}"),
    ("{thing}之夜", "Night of the {Thing}"),
    ("{place}来信", "Letters from {Place}"),
    ("没有{thing}的{place}", "No {Thing} in {Place}"),
    ("{quality}的{job}", "The {Quality} {Job}"),
)
SERIES_PATTERNS = (
    ("{place}{job}", "The {Job} of {Place}"),
    ("{thing}事务所", "The {Thing} Agency"),
    ("{quality}的{thing}物语", "Tales of the {Quality} {Thing}"),
    ("{place}往事", "{Place} Stories"),
    ("{thing}档案", "The {Thing} Files"),
    ("{quality}的{job}们", "The {Quality} {Job}s"),
)
# Films made before 1930 whose copyright has run out.
CLASSICS = _table("""
月球旅行记|A Trip to the Moon|1902
火车大劫案|The Great Train Robbery|1903
卡里加里博士的小屋|The Cabinet of Dr. Caligari|1920
寻子遇仙记|The Kid|1921
诺斯费拉图|Nosferatu|1922
北方的纳努克|Nanook of the North|1922
安全至下|Safety Last!|1923
福尔摩斯二世|Sherlock Jr.|1924
最卑贱的人|The Last Laugh|1924
战舰波将金号|Battleship Potemkin|1925
淘金记|The Gold Rush|1925
歌剧魅影|The Phantom of the Opera|1925
将军号|The General|1926
阿基米德王子历险记|The Adventures of Prince Achmed|1926
大都会|Metropolis|1927
日出|Sunrise|1927
翼|Wings|1927
圣女贞德蒙难记|The Passion of Joan of Arc|1928
船长二世|Steamboat Bill, Jr.|1928
持摄影机的人|Man with a Movie Camera|1929
""")
OVERVIEWS = (
    "{job}在{place}捡到一封没有署名的信，从此卷入{thing}背后的秘密。",
    "一场大雪封住了{place}，五个陌生人被迫在{thing}里度过漫长的冬天。",
    "退休的{job}回到{place}，发现童年的{thing}已经不在原来的地方。",
    "为了找回失踪的妹妹，年轻的{job}跟随{thing}的线索一路向北。",
    "{place}最后一座{thing}即将拆除，三代人的故事在这个夏天重逢。",
)
MOVIE_CATEGORIES = {"华语电影": 42, "外语电影": 46, "动画电影": 12}
SERIES_CATEGORIES = {
    "国产剧": 38, "欧美剧": 22, "日韩剧": 12, "国漫": 8, "日番": 10,
    "纪录片": 6, "综艺": 4,
}  # fmt: skip
CHINESE_CATEGORIES = frozenset({"华语电影", "国产剧", "国漫", "综艺"})
ANIME_CATEGORIES = frozenset({"国漫", "日番"})

# Name and first label of the .example domain.
SITES = _pairs("""
砚台 inkstone; 竹纸坊 bamboopaper; 青瓦台 bluetile; 盐湖 saltlake;
第七码头 seventh-quay; 北窗 northwindow; 灯芯 wick; 松烟 pinesoot; 旧唱片 old-record;
雪线 snowline; 南渡口 southferry; 六分仪 sextant; 石榴院 pomegranate;
云梯 cloudladder; 马灯 stormlamp; 织机房 loomroom; 候鸟站 migrants;
山茶馆 camellia-tea; 浅滩 shallows; 纸飞机库 paperplanes; 暮色场 duskfield;
铁皮屋 tinhouse; 量角器 protractor; 长尾雀 longtail; Copperleaf copperleaf;
Tidewater tidewater; Quillhouse quillhouse; NineLanterns ninelanterns;
Basalt basalt-hd; Fernweh fernweh; Paperweight paperweight; OldMeridian oldmeridian;
HarbourNine harbour9; Saltmarsh saltmarsh; OwlAndAnchor owlandanchor; Pinhole pinhole;
LowOrbit loworbit; Thistledown thistledown; Windrow windrow; Glasshouse glasshouse
""")
PUBLIC_SITES = frozenset({"Thistledown", "Windrow", "Glasshouse"})
USER_LEVELS = ("User", "Power User", "Elite User", "Crazy User", "Veteran User", "VIP")
GROUPS = (
    "QuillWEB", "BasaltHD", "SaltHD", "PinHole", "LanternTV", "OwlRip", "MeridianHD",
    "TideWEB", "FernWEB", "InkstoneWEB", "CopperTV", "Thistle", "NineL", "SnowlineHD",
)  # fmt: skip
FANSUB_GROUPS = ("竹纸字幕组", "候鸟字幕社", "北窗字幕组", "LanternRaws", "MoonBaySubs")
# Names of accounts, not of persons.
USERS = (
    "admin", "小满", "mira", "客厅电视", "阿岚", "tobi", "书房", "kids",
    "老槐树", "guest", "night-owl", "橘子汽水",
)  # fmt: skip
DOWNLOADERS = {"qbittorrent": 68, "transmission": 26, "qb-seedbox": 6}
RULE_GROUPS = ("4K 优先", "1080P 日常", "动漫字幕组", "收藏级原盘")
PLUGINS = (
    "ShelfKeeper", "LanternSignIn", "SubtitleHarbor", "PosterStudio", "SeedGardener",
    "WatchDiary", "QuotaGuard", "TrailerBooth",
)  # fmt: skip
