/** Common English words: one token each for most tokenizers, where a space is before them. */
export const WORDS: readonly string[] = `
about above across action active actual address after again against age agree air all almost alone along already also although always
among amount animal another answer any appear area arm around arrive art ask attention away baby back ball bank base basic bear beat
beautiful because become bed before begin behind believe below best better between big bill bird black blood blue board boat body book
born both bottom box boy break bring brother brown build building burn business busy buy call camp capital car card care carry case
catch cause center century certain chair chance change character charge cheap check child choice choose church circle city claim class
clean clear climb clock close cloth cloud coast coat cold college color come common company compare complete condition consider contain
continue control cook cool copy corn corner cost cotton could country course cover create cross crowd cry culture current cut dance
danger dark daughter day dead deal dear death decide deep degree depend describe desert design detail develop different difficult dinner
direct discover distance divide doctor dog door double doubt down draw dream dress drink drive drop dry during duty each ear early earth
east easy eat edge effect effort egg eight either electric element else empty end energy engine enjoy enough enter equal even evening
event ever every evidence example except exercise expect experience explain eye face fact fair fall family famous far farm fast father
fear feed feel few field fight figure fill film final find fine finger finish fire first fish fit five flat floor flow flower fly follow
food foot force foreign forest forget form forward four free fresh friend from front fruit full fun future game garden gas gate general
gentle get gift girl give glad glass goal gold good government grand grass gray great green ground group grow guess guide hair half hall
hand happen happy hard hat have head health hear heart heat heavy help here high hill history hold hole holiday home hope horse hospital
hot hotel hour house how human hundred hunt husband ice idea image imagine important inch include increase industry inside instead
interest iron island issue join journey judge jump just keep key kind king kitchen knee know lady lake land language large last late
laugh law lay lead learn least leave left leg length less letter level library life lift light like line list listen little live local
long look lose loss lot love low lunch machine main major make man many map mark market marry match material matter may mean measure
meat medical meet member memory mention message metal method middle might mile milk mind mine minute mirror miss model modern moment
money month moon more morning most mother motion mountain mouth move movie much music must name narrow nation natural nature near
necessary neck need never new news next nice night nine noise none north nose note nothing notice number object ocean off offer office
often oil old once one only open operation opinion opposite orange order other outside over own page pain paint pair paper parent park
part party pass past path pattern pay peace people perhaps period person phone picture piece place plain plan plane plant plate play
please point police policy poor popular position possible post pound power practice prepare present press pretty price private probably
problem process produce product program promise proper protect prove public pull purpose push put quality quarter queen question quick
quiet quite race radio rain raise range rather reach read ready real reason receive recent record red region regular relation remain
remember repeat reply report require research rest result return rich ride right ring rise river road rock role roll roof room root rose
round row rule run safe sail salt same sand save say scale school science score sea search season seat second secret section see seed
seem select sell send sense separate serious serve service set settle seven several shade shake shape share sharp she sheet ship shirt
shoe shop shore short should shoulder shout show shut side sight sign signal silence silver similar simple since sing single sister site
situation six size skill skin sky sleep slip slow small smell smile smoke smooth snow social society soft soil soldier solution some son
song soon sort sound source south space speak special speech speed spell spend spirit spoke sport spot spread spring square stage stand
standard star start state station stay steam steel step stick still stone stop store storm story straight strange stream street strength
string strong student study style subject success such sudden sugar suggest summer sun supply support sure surface surprise sweet swim
system table tail take talk tall task taste teach team tell ten term test than thank that theory there thick thin thing think third
those thought thousand through throw thus tie time tiny title today together tomorrow tone tonight tool top total touch toward town
track trade tradition train travel tree triangle trip trouble truck true trust truth try turn twelve twenty two type under understand
unit until upon usual valley value variety various very view village visit voice vote wait walk wall want war warm wash watch water wave
way wear weather week weight welcome well west what wheel when where whether which while white whole why wide wife wild will win wind
window wine wing winter wire wise wish with within without woman wonder wood word work world worry would write wrong yard year yellow
yes yesterday yet young
`
  .trim()
  .split(/\s+/);
