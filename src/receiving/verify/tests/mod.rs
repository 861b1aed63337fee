mod copied_samples;
mod keys;
mod seals;
mod vectors;
