/** Names of emoji as GitHub and Slack write them between colons: those that newsletters were seen to use, and their kin. */
const TABLE = `
+1 👍 -1 👎 100 💯 alarm_clock ⏰ ambulance 🚑 angry 😠 apple 🍎 arrow_down ⬇️ arrow_left ⬅️ arrow_right ➡️ arrow_up ⬆️
art 🎨 baby 👶 balloon 🎈 bar_chart 📊 beer 🍺 beers 🍻 bell 🔔 bike 🚲 bird 🐦 birthday 🎂 blue_heart 💙 blush 😊 boat ⛵
bomb 💣 book 📖 bookmark 🔖 books 📚 boom 💥 bow 🙇 brain 🧠 briefcase 💼 bug 🐛 bulb 💡 bullettrain_side 🚄 bust_in_silhouette 👤
busts_in_silhouette 👥 cake 🍰 calendar 📆 camera 📷 car 🚗 cat 🐱 chart_with_downwards_trend 📉 chart_with_upwards_trend 📈
cherry_blossom 🌸 christmas_tree 🎄 clap 👏 clipboard 📋 cloud ☁️ coffee ☕ computer 💻 confetti_ball 🎊 construction 🚧 cookie 🍪
cool 🆒 crab 🦀 credit_card 💳 cry 😢 crystal_ball 🔮 dart 🎯 date 📅 desktop_computer 🖥️ dizzy 💫 dog 🐶 dollar 💵 earth_africa 🌍
earth_americas 🌎 earth_asia 🌏 electric_plug 🔌 email 📧 envelope ✉️ exclamation ❗ exploding_head 🤯 eyes 👀 face_with_monocle 🧐
fire 🔥 fireworks 🎆 fish 🐟 flashlight 🔦 flushed 😳 four_leaf_clover 🍀 fox_face 🦊 game_die 🎲 gear ⚙️ gem 💎 ghost 👻 gift 🎁
globe_with_meridians 🌐 green_heart 💚 grey_question ❔ grin 😁 grinning 😀 guitar 🎸 hammer 🔨 hammer_and_wrench 🛠️ handshake 🤝
hatching_chick 🐣 headphones 🎧 heart ❤️ heart_eyes 😍 heavy_check_mark ✔️ heavy_plus_sign ➕ herb 🌿 hourglass ⌛ house 🏠 hugs 🤗
hushed 😯 inbox_tray 📥 information_source ℹ️ innocent 😇 iphone 📱 joy 😂 key 🔑 keyboard ⌨️ kiss 💋 label 🏷️ laughing 😆 leaves 🍃
link 🔗 lock 🔒 loudspeaker 📢 mag 🔍 mag_right 🔎 mailbox 📫 man_shrugging 🤷‍♂️ mega 📣 memo 📝 metal 🤘 microphone 🎤 microscope 🔬
mobile_phone_off 📴 moneybag 💰 moon 🌔 movie_camera 🎥 muscle 💪 musical_note 🎵 nerd_face 🤓 new 🆕 newspaper 📰 no_entry ⛔
no_entry_sign 🚫 notebook 📓 notes 🎶 octopus 🐙 ok_hand 👌 open_book 📖 open_mouth 😮 orange_heart 🧡 outbox_tray 📤 owl 🦉 package 📦
page_facing_up 📄 paperclip 📎 partying_face 🥳 pencil 📝 pencil2 ✏️ penguin 🐧 pensive 😔 phone ☎️ pill 💊 pizza 🍕 point_down 👇
point_left 👈 point_right 👉 point_up ☝️ poop 💩 popcorn 🍿 postbox 📮 pray 🙏 printer 🖨️ purple_heart 💜 pushpin 📌 question ❓
rabbit 🐰 radio 📻 rainbow 🌈 raised_hands 🙌 recycle ♻️ red_circle 🔴 relaxed ☺️ relieved 😌 robot 🤖 rocket 🚀 rofl 🤣 rose 🌹
rotating_light 🚨 round_pushpin 📍 sad 😢 scream 😱 scroll 📜 seedling 🌱 shield 🛡️ ship 🚢 shipit 🐿️ shrug 🤷 skull 💀 sleeping 😴
slightly_smiling_face 🙂 smile 😄 smiley 😃 smirk 😏 snail 🐌 snake 🐍 snowflake ❄️ snowman ⛄ sob 😭 soon 🔜 sparkles ✨
sparkling_heart 💖 speech_balloon 💬 star ⭐ star2 🌟 stop_sign 🛑 stopwatch ⏱️ stuck_out_tongue 😛 sun_with_face 🌞 sunflower 🌻 sunglasses 😎
sunny ☀️ sweat 😓 sweat_smile 😅 tada 🎉 tea 🍵 telephone ☎️ telescope 🔭 thinking 🤔 thought_balloon 💭 thumbsdown 👎 thumbsup 👍
ticket 🎫 toolbox 🧰 trophy 🏆 truck 🚚 tulip 🌷 turtle 🐢 tv 📺 umbrella ☔ unicorn 🦄 unlock 🔓 up 🆙 v ✌️ vertical_traffic_light 🚦
video_camera 📹 video_game 🎮 warning ⚠️ watch ⌚ wave 👋 whale 🐳 white_check_mark ✅ wink 😉 wolf 🐺 woman_shrugging 🤷‍♀️ wrench 🔧
writing_hand ✍️ x ❌ yellow_heart 💛 yum 😋 zap ⚡ zipper_mouth_face 🤐 zzz 💤`;

const EMOJI = new Map([...TABLE.matchAll(/([\w+-]+) ([^\s\w]\S*)/g)].map((match) => [match[1]!, match[2]!]));

/** The emoji of a name such as `tada`; undefined: none that we know, and the author's colons stay. */
export function emojiOf(name: string): string | undefined {
  return EMOJI.get(name);
}
