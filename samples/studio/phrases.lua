--- The phrases: ten keywords, each in two sentences that exist in every language.
--
-- Japanese is written in kana as it sounds (the particles as "wa" and "e"), which is what the speech program reads.

return {
  {
    keyword = { eng = "water", spa = "agua", fra = "eau", jpn = "みず" },
    {
      eng = "The water in the well is cold today.",
      spa = "Hoy el agua del pozo está fría.",
      fra = "L'eau du puits est froide aujourd'hui.",
      jpn = "きょうわ いどの みずが つめたい。",
    },
    {
      eng = "Bring some water for the horses.",
      spa = "Trae un poco de agua para los caballos.",
      fra = "Apporte un peu d'eau pour les chevaux.",
      jpn = "うまに みずを もってきて。",
    },
  },
  {
    keyword = { eng = "train", spa = "tren", fra = "train", jpn = "でんしゃ" },
    {
      eng = "The train leaves for the coast at noon.",
      spa = "El tren sale hacia la costa al mediodía.",
      fra = "Le train part pour la côte à midi.",
      jpn = "でんしゃわ しょうごに うみえ でます。",
    },
    {
      eng = "We almost missed the last train.",
      spa = "Casi perdemos el último tren.",
      fra = "Nous avons failli rater le dernier train.",
      jpn = "さいごの でんしゃに おくれる ところでした。",
    },
  },
  {
    keyword = { eng = "bread", spa = "pan", fra = "pain", jpn = "パン" },
    {
      eng = "I baked fresh bread this morning.",
      spa = "Esta mañana hice pan fresco.",
      fra = "J'ai fait du pain frais ce matin.",
      jpn = "けさ あたらしい パンを やきました。",
    },
    {
      eng = "Would you like some bread with the soup?",
      spa = "¿Quieres un poco de pan con la sopa?",
      fra = "Veux-tu du pain avec la soupe ?",
      jpn = "スープと いっしょに パンわ いかがですか。",
    },
  },
  {
    keyword = { eng = "music", spa = "música", fra = "musique", jpn = "おんがく" },
    {
      eng = "Can you hear the music from the square?",
      spa = "¿Oyes la música de la plaza?",
      fra = "Entends-tu la musique de la place ?",
      jpn = "ひろばの おんがくが きこえますか。",
    },
    {
      eng = "She plays her music late in the evening.",
      spa = "Ella toca su música por la noche.",
      fra = "Elle joue sa musique tard le soir.",
      jpn = "かのじょわ よる おんがくを ひきます。",
    },
  },
  {
    keyword = { eng = "letter", spa = "carta", fra = "lettre", jpn = "てがみ" },
    {
      eng = "There is a letter for you on the table.",
      spa = "Hay una carta para ti en la mesa.",
      fra = "Il y a une lettre pour toi sur la table.",
      jpn = "つくえの うえに あなたの てがみが あります。",
    },
    {
      eng = "He never answered my letter.",
      spa = "Nunca respondió a mi carta.",
      fra = "Il n'a jamais répondu à ma lettre.",
      jpn = "かれわ わたしの てがみに へんじを しませんでした。",
    },
  },
  {
    keyword = { eng = "doctor", spa = "médico", fra = "médecin", jpn = "いしゃ" },
    {
      eng = "The doctor will be here in an hour.",
      spa = "El médico llegará en una hora.",
      fra = "Le médecin sera là dans une heure.",
      jpn = "いしゃわ いちじかんごに きます。",
    },
    {
      eng = "Please call the doctor at once.",
      spa = "Por favor, llama al médico enseguida.",
      fra = "Appelle vite le médecin, s'il te plaît.",
      jpn = "すぐに いしゃを よんで ください。",
    },
  },
  {
    keyword = { eng = "garden", spa = "jardín", fra = "jardin", jpn = "にわ" },
    {
      eng = "The roses in the garden are in bloom.",
      spa = "Las rosas del jardín están en flor.",
      fra = "Les roses du jardin sont en fleur.",
      jpn = "にわの ばらが さいています。",
    },
    {
      eng = "Let us sit in the garden for a while.",
      spa = "Sentémonos un rato en el jardín.",
      fra = "Asseyons-nous un moment dans le jardin.",
      jpn = "すこし にわに すわりましょう。",
    },
  },
  {
    keyword = { eng = "window", spa = "ventana", fra = "fenêtre", jpn = "まど" },
    {
      eng = "Someone left the window open all night.",
      spa = "Alguien dejó la ventana abierta toda la noche.",
      fra = "Quelqu'un a laissé la fenêtre ouverte toute la nuit.",
      jpn = "だれかが よるじゅう まどを あけていました。",
    },
    {
      eng = "Look through the window, it is snowing.",
      spa = "Mira por la ventana, está nevando.",
      fra = "Regarde par la fenêtre, il neige.",
      jpn = "まどの そとを みて、ゆきです。",
    },
  },
  {
    keyword = { eng = "money", spa = "dinero", fra = "argent", jpn = "おかね" },
    {
      eng = "We do not have enough money for the trip.",
      spa = "No tenemos bastante dinero para el viaje.",
      fra = "Nous n'avons pas assez d'argent pour le voyage.",
      jpn = "りょこうの おかねが たりません。",
    },
    {
      eng = "Keep the money in a safe place.",
      spa = "Guarda el dinero en un lugar seguro.",
      fra = "Garde l'argent dans un endroit sûr.",
      jpn = "おかねわ あんぜんな ばしょに おいて。",
    },
  },
  {
    keyword = { eng = "tomorrow", spa = "mañana", fra = "demain", jpn = "あした" },
    {
      eng = "Tomorrow we will start early.",
      spa = "Mañana saldremos temprano.",
      fra = "Demain nous partirons tôt.",
      jpn = "あした わたしたちわ はやく でます。",
    },
    {
      eng = "I will tell you everything tomorrow.",
      spa = "Te lo contaré todo mañana.",
      fra = "Je te raconterai tout demain.",
      jpn = "ぜんぶ あした はなします。",
    },
  },
}
