mod keys;
mod seals;
mod vectors;
