/** Things of everyday life. A message that names one, and nothing that only belongs here, is out of scope whatever its verb is. */
export const ELSEWHERE = [
  // food and drink
  'food meal dinner lunch breakfast supper recipe* cook* bake* bread soup pizza pasta rice salad cheese wine beer coffee tea sugar onion* garlic chocolate cake sandwich fruit apple* banana* lentil* milk egg eggs butter kitchen hungry thirsty restaurant* drink drinks',
  'comida cena cenar cenamos almuerzo desayuno receta* cocin* hornea* pan sopa arroz ensalada queso vino cerveza cafe azucar cebolla* ajo chocolate tarta bocadillo fruta* manzana* platano* lenteja* leche huevo* mantequilla cocina hambre sed restaurante* copa',
  // home, body, clothes
  'bed sofa bath* shower carpet washing laundry iron bike bicycle tyre car cars flight* airplane* boat ship* passport holiday holidays vacation hotel beach mountain* river* lake sea island* horizon moon sun star stars planet* mars earth weather rain* snow* sunny sky wind',
  'casa hogar cama sofa bano ducha alfombra lavadora colada plancha bici bicicleta rueda coche* autobus tren* vuelo* avion* barco* billete pasaporte vacaciones hotel playa montana* rio rios lago mar isla* horizonte luna sol estrella* planeta* marte tierra lluvia llueve llovera llover nieve nieva cielo viento frio calor',
  'head headache heart leg legs arm arms tooth teeth hair skin doctor* dentist hospital sick tired asleep sleep* snor* dress shirt shoes coat hat wear gym diet muscle*',
  'cabeza corazon pierna* brazo* diente* pelo piel medic* dentista hospital enferm* cansad* dormid* duerm* dormir ronc* vestido camisa zapato* abrigo sombrero gimnasio dieta musculo*',
  // people, animals, feelings
  'mum mom dad mother father sister brother aunt uncle cousin grandma grandpa wife husband girlfriend boyfriend baby kid kids child children friend friends neighbour* neighbor* birthday wedding married gift christmas love happy sad bored lonely',
  'mama papa madre padre hermana hermano tia tio primo prima abuela abuelo esposa marido novia novio bebe nino ninos nina ninas hijo hija amigo* amiga* vecin* cumpleanos boda casad* fiesta regalo navidad amor feliz triste aburrid*',
  'dog dogs cat cats horse* cow* pig* chicken* bird* fish fox lobster* spider* animal* plant plants flower* garden ghost* mosquito*',
  'perr* gato* gata* caballo* vaca* cerdo* pollo* pajaro* pez peces zorro langosta* arana* animal* planta plantas flor flores jardin fantasma*',
  // leisure, culture, knowledge
  'song* music sing* dance* guitar piano movie* film* novel* poem* poet* limerick joke* riddle* paint* ceiling chapel marathon football soccer tennis championship cup olympic* chess lottery horoscope',
  'cancion* musica canta* cantame baila* guitarra piano pelicula* novela* poema* poeta copla* chiste* adivinanza* cuento* pinta* pinto techo capilla maraton futbol tenis campeonato mundial olimpi* ajedrez juego* loteria horoscopo musical',
  'capital-of king queen war century hamlet shakespeare dinosaur* gravity yen tower eiffel lisbon rome paris london madrid',
  'rey reina presidente guerra siglo hamlet dinosaurio* gravedad dolar* yenes torre eiffel lisboa roma paris londres madrid',
  // errands and courtesies
  'haha* jaja* lol errand* supermarket wallet umbrella taxi pharmacy haircut appointment',
  'tienda compras recado* supermercado paraguas taxi farmacia peluquer*',
].join(' ');
