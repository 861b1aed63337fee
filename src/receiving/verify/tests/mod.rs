mod copied_samples;
mod keys;
mod requests;
mod seals;
mod vectors;
