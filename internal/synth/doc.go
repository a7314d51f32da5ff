// Package synth invents a travel marketplace in Taiwan: what it sells, who its customers are, and two years of what they
// looked for, bought and said. Nobody and nothing of it is real.
//
// The model goes from causes to records. A catalog is made of places and the services that are offered there. People live in
// households, have tastes, and now and then plan a journey: with whom, where to, when and for how long. A plan leads to
// sessions in which they search for what the journey needs, look at what the catalog has on that day, and buy what fits; journeys
// lead to reviews, returns and calls. What is not offered is looked for in vain. So whatever is planted in the causes shows in the
// records as it would in a company's own.
//
// Some wishes are planted on top, of which it is known what `lacuna gaps` is to say: families who look for a hotel on Okinawa, a
// region, a price and a name that are missing, seats that are sold out, one customer's fad, and a wave that comes each autumn.
//
// The same options give the same files, byte for byte. Each purpose, and each person, draws from a random stream of its own, so
// that adding one thing leaves all others as they were.
package synth
