/**
 * What people say for each intent, in English and Spanish: what is to be done, and what it is to be done to. Both must be there,
 * so that "fix my bike" and "run a marathon" mean nothing here. Words end with `*` for any ending.
 */
import type { Intent } from '#contract/chat.ts';

export type Cue = { verbs: string; objects: string };
type Acting = Exclude<Intent, 'help' | 'negated' | 'unclear' | 'out_of_scope'>;

const CODE_THINGS =
  'thecode thepath thediff bug* error* test* build* code codigo function* funcion* module* modulo* typo* errata* script* file* archivo* fichero* repo repository repositorio import* import lint linter type* tipo* regression regresion ci pipeline patch parche crash* fallo* class clase* component* componente* dependency dependenc* dependencia* compil* config* readme endpoint* route* migration* migracion* flak*';

export const CUES: Record<Acting, Cue[]> = {
  spawn: [
    {
      verbs:
        'kicking spin spinning running executing starting launch* begin lanc* arranqu* inici* invoqu* levanta* levante* ponga pongas pasa pase pases pasar pasaras run runs running execute* start launch* spawn* invoke* kick fire lanza* lanzar lance* pon poner ejecut* corre* corra* arranca* arranque* inicia* inicie* invoca* dispara* dispare*',
      objects:
        'thecode thepath git ls grep curl python python3 bash go deno bun ruby process* proceso* command* comando* script* test* tests suite build compil* lint linter npm node make cargo pytest job* tarea worker* shell terminal binary binario program programa pruebas benchmark* suite prettier eslint jest vitest mocha tsc gradle mvn maven webpack vite docker terraform formatter formateador container* contenedor*',
    },
  ],
  route: [
    {
      verbs:
        'pick* prefer* prefier* suger* aconsej* elij* elig* escog* responds answers responde* respond* contesta* handles atiende* goes va why should name default local hosted faster slower gets route* routing which what choose* chosen pick* select* recommend* suggest* best cheapest fastest use uses enruta* encamina* cual que elige elegir elegiria* escoge* selecciona* recomienda* recomendarias mejor barato rapido usa usar usaria* usarias conviene decide* decidir',
      objects:
        'modelos proveedores llms auto provider* proveedor* model models modelo* llm* gpt claude ollama backend engine motor inference inferencia',
    },
  ],
  scan: [
    {
      verbs: 'run ejecut* haz hacer do perform pasa lanza* hazme haga hagas make start give dame quick quiero want need',
      objects: 'scan escaneo audit auditoria inspection inspeccion analysis analisis overview inventory inventario diagnos* revision',
    },
    {
      verbs:
        'what that which que hay give dame analic* busqu* examin* inspeccion* registr* recorr* explor* revis* resume* resumen summari* overview vision walk show muestra* ensena* scan* inspect* analy* audit* survey* search* look check* explore* map* index* examine* review* discover* list echa* vistazo escane* inspecciona* inspeccione* analiza* analice* audita* audite* busca* busque* revisa* explora* mapea* indexa* examina* registra* recorre* diagnostica* comprueba* repas* comprob* compruev*',
      objects:
        'code codigo files file archivos ficheros contain* contiene* estructura structure repo repos repository repositorio* codebase project proyecto workspace folder* carpeta* tree arbol todo todos fixme vulnerab* secret secrets secretos dependenc* dependencia* dependencias source fuentes diagnos* scan escaneo audit auditoria inspection inspeccion analysis analisis project* proyectos espacio',
    },
  ],
  repair: [
    {
      verbs:
        'mending fixing repairing arregl* repar* solucion* resuelv* correg* enmiend* ensambla* parche* repair* fix* patch* correct* mend* resolve* solve* debug* heal* restore* repara* repare* arregla* arregle* corrig* corrij* corregir parchea* parchee* soluciona* solucione* resuelve* resolver depura* enmienda* sana* apply aplica* aplicar',
      objects: CODE_THINGS,
    },
    {
      verbs:
        'throws crash* fails failing broken broke wrong bug bugs error errors leak* complain* stuck peta falla fallan fallando rompe* roto rota mal error errores fuga queja deal sort make dejalo ponlo encargate limpia*',
      objects: 'thepath',
    },
    {
      verbs: 'fix fixed fixing arregl* repar* repair* solucion* correg* corrig* corrij*',
      objects:
        'prueba pruebas test tests login checkout leak* timeout* fuga broke broken roto compil* linter page pagina service servicio server servidor',
    },
  ],
  status: [
    {
      verbs:
        "what's how's where's ha haya how update* haya hayan queda quedan ponme cuenta* cuentame falta faltan status state progress show list what which how where tell see give report summary display are is any anything has have did estado algo progreso muestra* mostrar dime ver ensena* lista* cual* que como donde informe resumen dame hay han va van cuantas cuantos sigue*",
      objects:
        'jobs job trabajos trabajo tarea* open abierto* abierta* ended ending acabado acabaron terminado* progreso things cosas left run runs therid ejecucion* corrida* thegid gate* thedid draft* borrador* puerta* compuerta* pending pendiente* waiting espera* running activo* activa* queue cola approved aprobad* corriendo marcha status estado finished terminado terminaron fail failed fallo acabado fallaron fallado fallidas done progress progreso',
    },
  ],
  approve: [
    {
      verbs:
        'approve* approving accept* authori* sign greenlight* confirm* allow* grant* bless* aprueba* aprob* apruebe* apruebo acepta* acepte* autoriza* autorice* firma* firme* confirma* confirme* permite* permita* permitir concede* valida* visto',
      objects:
        'este estos one ese esa esos esas aquel aquella it this that them thedid thegid draft* plan* gate* change* request* decision* run proposal* lo la los las esto eso borrador* cambio* solicitud* propuesta* puerta* compuerta* peticion* ejecucion* here bueno',
    },
  ],
  cancel: [
    {
      verbs:
        'cancel* stopping stopped aborting halting ending suspend* suspende* suspenda* paremos paraos detengamos cancel* stop* abort* kill* halt* terminate* end interrupt* cancela* cancelar deten* detener detenga* para parar pare paren pares aborta* aborte* mata* termina terminar termine* interrumpe* interrumpir interrumpa* frena* frene*',
      objects:
        'that this eso esto something algo therid run runs job* process* everything all it execution* task* build ejecucion* corrida* proceso* trabajo* tarea* todo todas lo la',
    },
  ],
};

/** What commands are called in Spanish. */
export const NAMES_ES: ReadonlyMap<string, Intent> = new Map([
  ['lanza', 'spawn'],
  ['escanea', 'scan'],
  ['repara', 'repair'],
  ['enruta', 'route'],
  ['estado', 'status'],
  ['aprueba', 'approve'],
  ['cancela', 'cancel'],
  ['ayuda', 'help'],
]);

/** One word that says it all. */
export const ALONE: Partial<Record<Acting, string>> = {
  status: 'status estado',
  approve:
    'approve approved aprobado aprobada aprobarlo aprobarla aprobaria firmarlo apruebalo apruebala apruebalos autorizalo autorizala confirmalo firmalo aceptalo aceptala lgtm',
  cancel: 'abort aborta abortad cancelalo cancelala detenlo detenla paralo parala matalo matala abortalo',
  repair: 'thediff reparalo arreglalo corrigelo',
  spawn: 'ejecutalo lanzalo',
  scan: 'diagnostics diagnosticos diagnostico',
};

/** Whoever says these wants to know what can be done here. */
export const HELP =
  /^(?:help|ayuda|\?|(?:muy )?(?:buenas(?: tardes)?|buenos dias)|good (?:morning|afternoon|evening)|(?:hola|hello|hi|hey)(?: [a-z]+){0,2})$|\b(?:what (?:can|could|do) (?:you|gimo|this)\b|who are you|what are you|what are (?:my|the) options|que opciones|que (?:puedes|sabes|podes) (?:hacer)?|quien eres|para que sirve|como funciona|how does (?:this|it|gimo) work|how do (?:i|you|we) (?:use|start|begin|get)|show (?:me )?(?:the )?(?:commands|help|options)|(?:what|which) (?:commands|orders) (?:are|do)|help me (?:understand|out|get|with this)|ayudame a (?:entender|empezar)|que ordenes|list (?:the )?commands|available commands|(?:need|necesito|dame|muestra|muestrame|give me|get) (?:some )?(?:help|ayuda|la ayuda)|(?:muestra(?:me)?|ensena(?:me)?) (?:los |la )?(?:comandos|ayuda)|que comandos|lista(?:me)? (?:de |los )?comandos|comandos disponibles|como (?:te |se )?(?:uso|usa|empiezo|empieza)|explain (?:yourself|gimo|what)|explica(?:me)? (?:que|como|gimo)|what (?:is|does) (?:this|it|gimo)(?: thing)?(?: do)?(?: for)?$|difference between|que diferencia|que es un|explica(?:s|rme|r)? (?:que|como)|how (?:\w+ )?(?:\w+ )?(?:works?|working)\b|como funciona|^(?:help|ayuda|ayudame)(?: (?:please|pls|plz|por favor|porfa|me))+$|(?:i'm|i am) new|soy nuev[oa]|(?:donde|where do i) (?:empiezo|empezar|start|begin)|how does one|como se (?:maneja|utiliza|trabaja)|(?:some|an|un|unos|algun) (?:examples?|ejemplos?)|ejemplos de|que (?:haces|eres)|what happens (?:after|before|when)|que pasa (?:despues|antes|cuando)|(?:ask|pedir|preguntar)(?:te)?$|getting started|primeros pasos)/;

/** Begins a question or an order to show something, also without a question mark. */
export const ASKS_WHICH =
  /^(?:what|which|how|where|is|are|have|has|list|show|tell|cual|cuales|cuantos|cuantas|donde|hay|lista|muestra|dime|ensena)/;
/** Asks how things stand without naming one. */
export const ASKS_STATE =
  /^(?:(?:and|so|ok|y|bueno|oye|hey) )*(?:how (?:far|is it going|are (?:we|things) (?:doing|going)|are things)|where (?:are we|do (?:we|things) stand)|what(?:'s| is) (?:new|going on|left)|(?:the )?(?:current )?(?:state|status)(?: of (?:things|play))?|how much (?:did|has|have|does|do|was|were|is)\b.*\b(?:cost|spent|spend)|cuanto\b.*\b(?:gasta\w*|cost\w*|cuesta\w*)|(?:is|are|did|has|have) (?:the|my) (?:last )?runs?\b|how did (?:the|my) (?:last )?runs?\b|estado actual|como (?:vamos|van las cosas|esta todo|estamos)|(?:en )?que punto|por donde vamos|que (?:falta|queda)(?: por hacer)?)\b(?! (?:old|long|tall|big|away|apart))/;

/** A question about an action is no order: it asks how, why or whether. Requests in the form of a question are orders. */
export const ASKS_ABOUT =
  /^(?:(?:and|but|so|ok|y|pero|entonces|oye|hey) )*(?:how|why|what happens|what does|what would|what if|when (?:should|does|is|will)|should|may i|must|is it|are we|was|were|did|does|do (?:i|we|they)|who|can i|could i|como|por que|porque|que pasa|que ocurre|que significa|cuando|deberia|debo|debe|debemos|es (?:seguro|necesario|posible|buena)|quien|quienes|puedo|podria yo|se puede|hace falta|tengo que)\b/;

/** Asks the way to something, whatever it is called. */
export const HOW_TO =
  /^(?:how (?:do|can|could|would|should) (?:i|we|you|one)|como (?:puedo|podemos|se|le|apruebo|cancelo|pauso|reanudo|hago|creo|empiezo|lanzo|ejecuto|detengo|paro|veo|cambio|configuro|conecto|escribo|agrego|pongo))\b/;

const NOT_EN =
  "not|nothing|skip|don't|dont|doesn't|never|no|cannot|can't|won't|wouldn't|shouldn't|mustn't|isn't|neither|nor|nobody|without|refuse|refusing|avoid|hold|wait|stop|refrain|instead|unless|until|yet|before|rather|against|wrong|hate|oppose|object|reject|deny|decline|disapprove";
const NOT_ES =
  'no|odio|odiaria|detesto|saltate|salta|abstente|abstenga|abstengase|abstenerse|abstengan|nunca|jamas|ni|tampoco|nadie|ninguno|ninguna|sin|evita|evitar|espera|esperar|antes|todavia|aun|rechaza|rechazar|rechazo|niega|niego|negamos|deja|olvida|salvo|menos|nada|contra|mal|preferiria|imposible|opongo';
export const NEGATIONS = [...NOT_EN.split('|'), ...NOT_ES.split('|')];
export const NEGATION = new RegExp(`^(?:${NEGATIONS.join('|')}|\\w+n't|ningun\\w*)$`);
/** Beside verb and object, all that may stand in an approval: a word that is none of these could turn it into its opposite. */
export const APPROVAL_FILLERS =
  'porfa xfa pls plz everything hereby on presente definitely absolutely totally of course supuesto i you we us let fine great perfect perfecto claro sure genial one ese esa esos esas este esta estos estas da doy dale may can could would please go ahead yes ok okay yep sure the a all for me now right away looks good to want and si por favor puedes podrias quiero vamos adelante ya todo toda todos el un de al eso me parece bien vale venga y';
/** What is named so that it is not done, without a word that denies. */
export const ADVISES_AGAINST = /\b(?:en (?:vez|lugar) de|a mistake to|(?:es|seria) un error \w+[aei]r(?:l[aoe]s?)?)\b/;
/** Taken back: an order that is named as such, or what was said before. */
export const TAKEN_BACK =
  /\b(?:(?:withdraw|retract|revoke|forget|ignore|disregard|scrap|scratch|undo) (?:that|what i|(?:my|the|that|this) (?:\w+ )?(?:order|request|approval|message|command|instruction))|(?:retir|revoc|olvid|ignor|anul|descart)\w+ (?:eso|lo que|(?:la|mi|esa|esta|el|ese|este) (?:orden|peticion|solicitud|aprobacion|mensaje|pedido|instruccion|encargo))|sin efecto)\b|(?:[,;.!?] *|\b)(?:no|nope|never|no way|not a chance|no,? (?:thanks|thank you|gracias)|ni hablar|ni loc[oa]|ni en broma|para nada|de ninguna manera|nunca|jamas|never mind|nevermind|scratch that|forget it|on second thought|just kidding|mejor no|olvidalo|dejalo|era broma|es broma|pensandolo bien)[ .!]*$/;

/** What a message that is none of the orders may be about. `sure` means nothing else; of `maybe` two are needed. */
export const TOPICS = {
  sure: 'gimo thecode thepath monorepo* thediff thedid thegid therid theaid repo repos repository repositorio* codebase codigo workspace draft drafts borrador* provider* proveedor* llm llms prompt prompts script* lint linter npm pytest cargo todos fixme bug bugs commit* dependenc* runs ejecucion* file files archivo* fichero* command* comando* process proceso* approv* aprob* aprueb* execut* ejecut* pending pendiente* queue cola build tests pruebas source deploy* despliegue* terminal shell parche* patch* envelope audit* vulnerab* diagnos* json api cli mcp',
  maybe:
    'run running node* nodo* token* cost* spend* spent budget* gast* presupuesto* test code model models modelo modelos engine motor project proyecto plan plans planes job jobs trabajo* task* tarea* gate* puerta* state status estado progress progreso finish* termin* fail* fall* error* fix* arregl* repar* repair* scan* escane* cancel* stop* parar paro pare paren detene* deten* cheap* barat* fast* rapid* open abierto abierta activ* waiting esperando change* cambio* sign* firm* authori* autoriz* accept* acept* list* lista* start* lanz* launch* local best mejor function* funcion* module* modulo* service* servicio* server* servidor* crash* compil*',
};
export const HELP_WORDS = 'ayuda ayudame';
/** What only a person does, in any form of the word. */
export const DECISIONS = 'approv* aprob* aprueb* authori* autoriz*';
/** Words that any sentence may have. */
export const FUNCTION_WORDS =
  "eres soy somos sois debo debes deberia somebody someone alguien nadie a an the this that these those it its i'm i me my we us our you your he she they them is are was were be been am do does did done has have had can could will would shall should may might must and or but so if as of in on at to for from by with about into out up down over again here there now then just also too very really still what which who whom whose when where why how what's that's it's there's let's please pls plz thing things stuff something anything everything nothing one some any all more most other another same such right well ok okay yes no not say tell give get got go going come make made want wanted need know think see look nice good great fine new old el la los las un una unos unas lo le les se me te nos os mi tu su mis tus sus de del al a en con por para sin sobre entre y e o u pero si no que como cuando donde quien cual cuales cuanto cuanta esto eso esta este ese esa estos estas es son era eran ser estar estoy esta estas estamos estan ha he has han hay haber hace hacer haz hago va voy vas vamos van ir ya aun ahora luego aqui ahi alli muy mas menos tan tambien solo algo todo toda todos todas otra otro porfa xfa favor cosa cosas dime di dame decir quiero quieres necesito sabes se puede puedes bueno buena bien mal";
/** What somebody does not want to be done. */
export const DENIED =
  'run runs running execut* start* launch* fix* repair* mend* scan* inspect* cancel* stop* abort* kill* touch* change* delete* ejecut* corr* lanc* lanz* arranqu* arranc* arregl* repar* escan* cancel* pares paren aborta* aborte* mates toques toquen cambi* borr* firm* sign* confirm* accept* acept*';
/** Common words that are one letter away from a word of ours. */
export const EVERYDAY =
  'star stars sell care cart shall could would should these those there their where while which every never other under after about again still until think thing right night light place plane plant price stage store story stare start state white whole write wrote world words works would house horse mouse parts party pasta paste plaza poder puedo puede puerto puesto cuando cuanto cuanta donde desde tengo tarde tardes tarta cosas corte coste cesta vista pista fiesta siesta mesas nadie madre padre perro gatos jefes libro litro liebre cielo suelo verano primo prima lengua lechuga canto cantar cazar copia comida camino campo mando manda mundo minuto mierda monta monte morir mover nuevo nueva';
