package main

// words is what is said in one language.
type words struct {
	carrier string
	// digits and letters are written as the voice must read them, in order and separated by commas; empty where it reads the
	// bare characters right.
	digits, letters string
}

// spoken is the words of each language, by the code of the first language of a file. Letters are called by their names in the
// language. Where a letter sounds like a digit or another letter, its name says more: in Japanese Q is 9, in Korean E is
// 2 and O is 5, in Catalan U is 1, and in Chinese R is 2 and E is 1 but for the tone. Where
// the voice swallows a vowel that is also a word, as in Russian, its name says that it is a letter.
var spoken = map[string]words{
	"en": {carrier: "Your code is"},
	"es": {
		carrier: "Su código es",
		letters: "a,be,ce,de,e,efe,ge,hache,i,jota,ka,ele,eme,ene,o,pe,cu,erre,ese,te,u,uve,uve doble,equis,i griega,zeta",
	},
	"ca": {
		carrier: "El seu codi és",
		digits:  "0,un,2,3,4,5,6,7,8,9",
		letters: "a,be,ce,D,e,efa,ge,hac,i,jota,ca,ela,ema,ena,o,pe,cu,erra,essa,te,lletra u,ve baixa,ve doble,ics,i grega,zeta",
	},
	"da": {carrier: "Din kode er"},
	"nl": {
		carrier: "Uw code is",
		letters: "A,B,C,D,E,F,G,H,I,J,K,L,M,N,O,P,Q,R,S,T,U,V,W,X,ypsilon,Z",
	},
	"fr": {carrier: "Votre code est"},
	"de": {carrier: "Ihr Code lautet"},
	"it": {
		carrier: "Il suo codice è",
		letters: "a,bi,ci,D,e,effe,gi,acca,i,i lunga,cappa,elle,emme,enne,o,pi,cu,erre,esse,T,u,vu,doppia vu,ics,ipsilon,zeta",
	},
	"ja": {
		carrier: "にんしょうコードわ",
		digits:  "ぜろ,いち,に,さん,よん,ご,ろく,なな,はち,きゅう",
		letters: "エー,ビー,シー,ディー,イー,エフ,ジー,エイチ,アイ,ジェー,ケー,エル,エム,エヌ,オー,ピー,アルファベットのキュー,アール,エス,ティー,ユー,ブイ,ダブリュー,エックス,ワイ,ゼット",
	},
	"ko": {
		carrier: "인증 번호는",
		digits:  "공,일,이,삼,사,오,육,칠,팔,구",
		letters: "에이,비,씨,디,알파벳 이,에프,지,에이치,아이,제이,케이,엘,엠,엔,알파벳 오,피,큐,알,에스,티,유,브이,더블유,엑스,와이,제트",
	},
	"no": {carrier: "Koden din er"},
	"pl": {carrier: "Twój kod to"},
	"ru": {
		carrier: "Ваш код",
		letters: "буква а,бэ,цэ,дэ,буква е,эф,гэ,аш,буква и,йот,ка,эль,эм,эн,буква о,пэ,ку,эр,эс,тэ,буква у,вэ,дубль вэ,икс,игрек,зет",
	},
	"sv": {carrier: "Din kod är"},
	"fi": {carrier: "Koodisi on"},
	"hr": {
		carrier: "Vaš kod je",
		letters: "a,be,ce,de,e,ef,ge,ha,i,jot,ka,el,em,en,o,pe,ku,er,es,te,u,ve,dvostruko ve,iks,ipsilon,ze",
	},
	"sl": {
		carrier: "Vaša koda je",
		letters: "a,be,ce,de,e,ef,ge,ha,i,je,ka,el,em,en,o,pe,ku,er,es,te,u,ve,dvojni ve,iks,ipsilon,ze",
	},
	"ro": {
		carrier: "Codul dumneavoastră este",
		letters: "a,be,ce,de,e,ef,ge,haș,i,je,ka,ell,em,en,o,pe,chiu,er,es,te,u,ve,dublu ve,ics,i grec,zet",
	},
	"pt_pt": {
		carrier: "O seu código é",
		letters: "á,bê,cê,dê,E,efe,gê,agá,i,jota,cá,ele,eme,ene,ó,pê,quê,erre,esse,tê,u,vê,dábliu,xis,ípsilon,zê",
	},
	"pt_br": {
		carrier: "Seu código é",
		letters: "á,bê,cê,dê,E,efe,gê,agá,i,jota,cá,ele,eme,ene,ó,pê,quê,erre,esse,tê,u,vê,dábliu,xis,ípsilon,zê",
	},
	"zh_cn": {
		carrier: "您的验证码是",
		digits:  "零,一,二,三,四,五,六,七,八,九",
		letters: "A,B,C,D,字母 E,F,G,H,I,J,K,L,M,N,O,P,Q,字母 R,S,T,U,V,W,X,Y,Z",
	},
}
