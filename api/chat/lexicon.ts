/**
 * What people say for each intent, in English and Spanish: what is to be done, and what it is to be done to. Both must be there,
 * so that "fix my bike" and "run a marathon" mean nothing here. Words end with `*` for any ending.
 */
import type { Intent } from '#contract/chat.ts';

export type Cue = { verbs: string; objects: string };
type Acting = Exclude<Intent, 'help' | 'negated' | 'out_of_scope'>;

const CODE_THINGS =
  'thecode thepath thediff bug* error* test* build* code codigo function* funcion* module* modulo* typo* errata* script* file* archivo* fichero* repo repository repositorio import* import lint linter type* tipo* regression regresion ci pipeline patch parche crash* fallo* class clase* component* componente* dependency dependenc* dependencia* compil* config* readme endpoint* route* migration* migracion* flak*';

export const CUES: Record<Acting, Cue[]> = {
  spawn: [
    {
      verbs:
        'run runs running execute* start launch* spawn* invoke* kick fire lanza* lanzar lance* pon poner ejecut* corre* corra* arranca* arranque* inicia* inicie* invoca* dispara* dispare*',
      objects:
        'thecode thepath process* proceso* command* comando* script* test* tests suite build compil* lint linter npm node make cargo pytest job* tarea worker* shell terminal binary binario program programa pruebas benchmark* formatter formateador container* contenedor*',
    },
  ],
  route: [
    {
      verbs:
        'route* routing which what choose* chosen pick* select* recommend* suggest* best cheapest fastest use uses enruta* encamina* cual que elige elegir elegiria* escoge* selecciona* recomienda* recomendarias mejor barato rapido usa usar usaria* usarias conviene decide* decidir',
      objects: 'provider* proveedor* model models modelo* llm* gpt claude ollama backend engine motor inference inferencia',
    },
  ],
  scan: [
    {
      verbs:
        'scan* inspect* analy* audit* survey* search* look check* explore* map* index* examine* review* discover* list echa* vistazo escane* inspecciona* inspeccione* analiza* analice* audita* audite* busca* busque* revisa* explora* mapea* indexa* examina* registra* recorre* diagnostica* comprueba* run ejecut* haz hacer do perform pasa lanza*',
      objects:
        'repo repos repository repositorio* codebase project proyecto workspace folder* carpeta* tree arbol todo todos fixme vulnerab* secret secrets secretos dependenc* dependencia* dependencias source fuentes diagnos* scan escaneo audit auditoria inspection inspeccion analysis analisis',
    },
  ],
  repair: [
    {
      verbs:
        'repair* fix* patch* correct* mend* resolve* solve* debug* heal* restore* repara* repare* arregla* arregle* corrig* corrij* corregir parchea* parchee* soluciona* solucione* resuelve* resolver depura* enmienda* sana* apply aplica* aplicar',
      objects: CODE_THINGS,
    },
  ],
  status: [
    {
      verbs:
        'status state progress show list what which how where tell see give report summary display are is any anything has have did estado algo progreso muestra* mostrar dime ver ensena* lista* cual* que como donde informe resumen dame hay han va van cuantas cuantos sigue*',
      objects:
        'run runs therid ejecucion* corrida* thegid gate* thedid draft* borrador* puerta* compuerta* pending pendiente* waiting espera* running activo* activa* queue cola approved aprobad* corriendo marcha status estado finished terminado terminaron failed fallaron fallado fallidas done progress progreso',
    },
  ],
  approve: [
    {
      verbs:
        'approve* approving accept* authori* sign greenlight* confirm* allow* grant* bless* aprueba* aprob* apruebe* apruebo acepta* acepte* autoriza* autorice* firma* firme* confirma* confirme* permite* permita* permitir concede* valida* visto',
      objects:
        'it this that them thedid thegid draft* plan* gate* change* request* decision* run proposal* lo la los las esto eso borrador* cambio* solicitud* propuesta* puerta* compuerta* peticion* ejecucion* here bueno',
    },
  ],
  cancel: [
    {
      verbs:
        'cancel* stop* abort* kill* halt* terminate* end interrupt* cancela* cancelar deten* detener detenga* para parar pare paren pares aborta* aborte* mata* mate* termina terminar termine* interrumpe* interrumpir interrumpa* frena* frene*',
      objects:
        'something algo therid run runs job* process* everything all it execution* task* build ejecucion* corrida* proceso* trabajo* tarea* todo todas lo la',
    },
  ],
};

/** One word that says it all. */
export const ALONE: Partial<Record<Acting, string>> = {
  status: 'status estado',
  approve:
    'approve aprobarlo aprobarla aprobaria firmarlo apruebalo apruebala apruebalos autorizalo autorizala confirmalo firmalo aceptalo aceptala lgtm',
  cancel: 'cancelalo cancelala detenlo detenla paralo parala matalo matala abortalo',
  repair: 'thediff reparalo arreglalo corrigelo',
  spawn: 'ejecutalo lanzalo',
  scan: 'diagnostics diagnosticos diagnostico',
};

/** Whoever says these wants to know what can be done here. */
export const HELP =
  /^(?:help|ayuda|\?|hola|hello|hi|hey)$|\b(?:what (?:can|could|do) (?:you|gimo|this)\b|who are you|what are you|what are (?:my|the) options|que opciones|que (?:puedes|sabes|podes) (?:hacer)?|quien eres|para que sirve|como funciona|how does (?:this|it|gimo) work|how do (?:i|you|we) (?:use|start|begin|get)|show (?:me )?(?:the )?(?:commands|help|options)|list (?:the )?commands|available commands|(?:need|necesito|dame|muestra|muestrame|give me|get) (?:some )?(?:help|ayuda|la ayuda)|(?:muestra(?:me)?|ensena(?:me)?) (?:los |la )?(?:comandos|ayuda)|que comandos|lista(?:me)? (?:de |los )?comandos|comandos disponibles|como (?:te |se )?(?:uso|usa|empiezo|empieza)|explain (?:yourself|gimo|what)|explica(?:me)? (?:que|como|gimo)|getting started|primeros pasos)/;

/** A question about an action is no order: it asks how, why or whether. Requests in the form of a question are orders. */
export const ASKS_ABOUT =
  /^(?:(?:and|but|so|ok|y|pero|entonces|oye|hey) )*(?:how|why|what happens|what does|what would|what if|when (?:should|does|is|will)|should|may i|must|is it|are we|was|were|did|does|do (?:i|we|they)|who|can i|could i|como|por que|porque|que pasa|que ocurre|que significa|cuando|deberia|debo|debe|debemos|es (?:seguro|necesario|posible|buena)|quien|quienes|puedo|podria yo|se puede|hace falta|tengo que)\b/;

const NOT_EN =
  "not|don't|dont|doesn't|never|no|cannot|can't|won't|wouldn't|shouldn't|mustn't|isn't|neither|nor|nobody|without|refuse|refusing|avoid|hold|wait|stop|refrain|instead|unless|until|yet|before|rather|against|wrong|hate|oppose|object|reject|deny|decline|disapprove";
const NOT_ES =
  'no|abstente|abstenga|abstengase|abstenerse|abstengan|nunca|jamas|ni|tampoco|nadie|ninguno|ninguna|sin|evita|evitar|espera|esperar|antes|todavia|aun|rechaza|rechazar|rechazo|niega|deja|olvida|salvo|menos|nada|contra|mal|preferiria|imposible|opongo';
export const NEGATION = new RegExp(`^(?:${NOT_EN}|${NOT_ES}|\\w+n't|ningun\\w*)$`);
/** Beside verb and object, all that may stand in an approval: a word that is none of these could turn it into its opposite. */
export const APPROVAL_FILLERS =
  'i you we us let este esta estos estas da doy dale may can could would please go ahead yes ok okay yep sure the a all for me now right away looks good to want and si por favor puedes podrias quiero vamos adelante ya todo toda todos el un de al eso me parece bien vale venga y';
/** Taken back after it was said. */
export const TAKEN_BACK =
  /(?:[,;.!?] *|\b)(?:no|nope|never mind|nevermind|scratch that|forget it|on second thought|just kidding|mejor no|olvidalo|dejalo|era broma|es broma|pensandolo bien)[ .!]*$/;
